#include "history/steps.hpp"

#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "history/runner_version.hpp"

namespace dibs::history {
namespace {

using database::Result;
using database::Statement;

std::string utc(std::string_view column) {
    return fmt::format("pg_catalog.to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')", column);
}

std::string step_columns() {
    return "s.version, s.step, s.checksum, s.checksum_algorithm, " + utc("s.done_at") + ", s.duration_ms";
}

Step step_in(const Result& rows, std::size_t row) {
    return {std::string(rows.text(row, 1)), std::string(rows.text(row, 2)), std::string(rows.text(row, 3)),
            std::string(rows.text(row, 4)), std::stoll(std::string(rows.text(row, 5)))};
}

std::string last_start(std::string_view attempts, std::string_view version) {
    return utc(
        fmt::format("(SELECT pg_catalog.max(b.at) FROM {} b WHERE b.version OPERATOR(pg_catalog.=) {} AND "
                    "b.event OPERATOR(pg_catalog.=) 'start')",
                    attempts, version));
}

/// What the steps of a migration are recorded under. No version ends so.
constexpr std::string_view of_rollback = " (rollback)";
std::string key_of(const plugin::Version& version, bool backwards) {
    return version.to_string() + std::string(backwards ? of_rollback : "");
}

/// Whether an attempt was one of a rollback(): what the executor notes of it begins so.
std::string is_backwards(std::string_view attempt) {
    return fmt::format("coalesce(pg_catalog.starts_with({}.message, 'rollback()'), false)", attempt);
}

/// An attempt that no end followed.
bool is_open(std::string_view event) {
    return event == "start" || event == "interrupted";
}

} // namespace

std::string Steps::creation() const {
    if (state_.exists)
        return {};
    return fmt::format("CREATE TABLE {} (version text, step text, done_at timestamptz NOT NULL DEFAULT "
                       "pg_catalog.clock_timestamp(), duration_ms bigint NOT NULL, checksum text NOT NULL, "
                       "checksum_algorithm text NOT NULL, applied_by text NOT NULL DEFAULT session_user, "
                       "runner_version text NOT NULL, PRIMARY KEY (version, step)); ",
                       tables_.steps);
}

std::string Steps::record(const database::Connection& connection, const plugin::Version& version,
                          const Step& step, bool backwards) const {
    return fmt::format(
        "INSERT INTO {} (version, step, duration_ms, checksum, checksum_algorithm, "
        "runner_version) VALUES ({}, {}, {}, {}, {}, {})",
        tables_.steps, connection.quote_literal(key_of(version, backwards)),
        connection.quote_literal(step.name), step.duration_ms, connection.quote_literal(step.checksum),
        connection.quote_literal(step.checksum_algorithm), connection.quote_literal(runner_version));
}

Statement Steps::forget(const database::Connection& connection, const plugin::Version& version) const {
    return {fmt::format("DELETE FROM {} WHERE version OPERATOR(pg_catalog.=) ANY (ARRAY[{}, "
                        "{}]::pg_catalog.text[])",
                        tables_.steps, connection.quote_literal(key_of(version, false)),
                        connection.quote_literal(key_of(version, true))),
            {}};
}

std::vector<Statement> Steps::look_for(const plugin::Version& version, bool backwards) const {
    return {{fmt::format("SELECT {} FROM {} s WHERE s.version OPERATOR(pg_catalog.=) $1 ORDER BY s.done_at, "
                         "s.step",
                         step_columns(), tables_.steps),
             {key_of(version, backwards)}},
            {fmt::format("SELECT a.event, {1}, {2} OPERATOR(pg_catalog.=) {3} FROM {0} a WHERE a.version "
                         "OPERATOR(pg_catalog.=) $1 ORDER BY "
                         "a.id DESC LIMIT 1",
                         tables_.attempts, last_start(tables_.attempts, "$1"), is_backwards("a"), backwards),
             {version.to_string()}}};
}

Unfinished Steps::found(std::span<const Result> results) const {
    Unfinished earlier;
    for (std::size_t row = 0; row < results[0].rows(); ++row)
        earlier.steps.push_back(step_in(results[0], row));
    if (results[1].rows() > 0 && is_open(results[1].text(0, 0)) && results[1].text(0, 2) == "t")
        earlier.begun_at = results[1].text(0, 1);
    return earlier;
}

std::string Steps::look_for_all(const std::string& lock) const {
    if (!state_.exists || !state_.readable)
        return {};
    const std::string pending =
        fmt::format("NOT EXISTS (SELECT FROM {} m WHERE m.version OPERATOR(pg_catalog.=) ", tables_.history);
    const std::string steps =
        fmt::format("SELECT {} FROM {} s WHERE {}s.version) ORDER BY s.version, s.done_at, s.step",
                    step_columns(), tables_.steps, pending);
    if (!state_.attempts_exist)
        return steps + "; SELECT WHERE false";
    return fmt::format(
        "{0}; SELECT DISTINCT ON (a.version) a.version, a.event, {1}, a.event OPERATOR(pg_catalog.=) 'start' "
        "AND "
        "a.run OPERATOR(pg_catalog.=) (SELECT l.run FROM {2} l ORDER BY l.id DESC LIMIT 1) AND {3}, "
        "{5} FROM {2} a WHERE ({4}a.version) OR a.version OPERATOR(pg_catalog.=) ANY (SELECT c.version FROM "
        "{2} c WHERE {6})) AND a.version IS NOT NULL ORDER BY a.version, a.id DESC",
        steps, last_start(tables_.attempts, "a.version"), tables_.attempts, lock, pending, is_backwards("a"),
        is_backwards("c"));
}

std::vector<Unfinished> Steps::all_found(std::span<const Result> results) const {
    std::map<std::pair<std::string, bool>, Unfinished> found;
    const auto at = [&](std::string_view recorded, bool backwards) -> Unfinished& {
        Unfinished& unfinished = found[{std::string(recorded), backwards}];
        unfinished.recorded = recorded;
        unfinished.backwards = backwards;
        return unfinished;
    };
    for (std::size_t row = 0; row < results[0].rows(); ++row) {
        std::string_view recorded = results[0].text(row, 0);
        const bool backwards = recorded.ends_with(of_rollback);
        if (backwards)
            recorded.remove_suffix(of_rollback.size());
        at(recorded, backwards).steps.push_back(step_in(results[0], row));
    }
    for (std::size_t row = 0; row < results[1].rows(); ++row) {
        if (!is_open(results[1].text(row, 1)))
            continue;
        Unfinished& unfinished = at(results[1].text(row, 0), results[1].text(row, 4) == "t");
        unfinished.begun_at = results[1].text(row, 2);
        unfinished.running = results[1].text(row, 3) == "t";
    }
    std::vector<Unfinished> all;
    for (auto& [key, unfinished] : found) {
        unfinished.version = plugin::Version::parse(unfinished.recorded);
        all.push_back(std::move(unfinished));
    }
    return all;
}

} // namespace dibs::history
