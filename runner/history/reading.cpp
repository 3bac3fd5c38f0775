#include "history/history.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "history/lock.hpp"
#include "report/failure.hpp"

namespace dibs::history {
namespace {

using report::ExitCode;
using report::Failure;

constexpr std::string_view iso_8601 = "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'";

/// What each statement gives. One message is one transaction, so the setting ends with it.
std::vector<database::Result> results_of(database::Connection& connection, const std::string& table,
                                         const std::string& sql) {
    database::Outcome outcome = connection.script("SET LOCAL row_security = off; " + sql);
    if (outcome.error)
        throw Failure(
            ExitCode::other,
            fmt::format("cannot read the history {}: {} ({})", table, outcome.error->message,
                        outcome.error->sqlstate),
            outcome.error->sqlstate == "42703" // undefined_column
                ? "If something else has a name that dibs needs, rename it, or set `history: {schema: "
                  "..., table: ...}` in dibs.yaml."
                : "The role needs SELECT on it, and BYPASSRLS or ownership where it has row "
                  "security.");
    outcome.results.erase(outcome.results.begin()); // of SET
    return std::move(outcome.results);
}

database::Result rows_of(database::Connection& connection, const std::string& table, const std::string& sql) {
    return std::move(results_of(connection, table, sql).back());
}

std::optional<std::int64_t> number(const database::Result& result, std::size_t row, std::size_t column) {
    const std::optional<std::string_view> text = result.value(row, column);
    return text ? std::optional<std::int64_t>(std::stoll(std::string(*text))) : std::nullopt;
}

/// The bytes of what encode(..., 'hex') wrote.
std::string from_hex(std::string_view digits) {
    const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
    std::string bytes;
    bytes.reserve(digits.size() / 2);
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes += static_cast<char>(value(digits[i]) << 4 | value(digits[i + 1]));
    return bytes;
}

std::vector<Applied> rows_in(const database::Result& result) {
    std::vector<Applied> rows;
    rows.reserve(result.rows());
    for (std::size_t i = 0; i < result.rows(); ++i) {
        Applied row;
        row.recorded = result.text(i, 0);
        row.version = plugin::Version::parse(row.recorded);
        row.checksum = result.text(i, 1);
        row.checksum_algorithm = result.text(i, 2);
        row.applied_at = result.text(i, 3);
        row.duration_ms = number(result, i, 4);
        row.applied_by = result.text(i, 5);
        row.out_of_order = result.text(i, 6) == "t";
        row.state = result.text(i, 7);
        rows.push_back(std::move(row));
    }
    return rows;
}

/// To the migrations that have begun them.
void add_backfills(std::vector<Unfinished>& migrations, std::vector<Backfill> backfills) {
    for (Unfinished& migration : migrations)
        for (Backfill& backfill : backfills)
            if (migration.version &&
                backfill.version == Backfills::key(*migration.version, migration.backwards)) {
                backfill.at_work = migration.running;
                migration.backfills.push_back(std::move(backfill));
            }
}

} // namespace

std::string History::select_rows() const {
    const auto column = [&](std::string_view name, std::string_view otherwise) {
        return has_column(name) ? std::string(name) : fmt::format("{} AS {}", otherwise, name);
    };
    return fmt::format("SELECT version, {}, {}, pg_catalog.to_char(applied_at AT TIME ZONE 'UTC', {}), "
                       "{}, {}, {}, {} FROM {} ORDER BY version",
                       column("checksum", "NULL"), column("checksum_algorithm", "NULL"), iso_8601,
                       column("duration_ms", "NULL"), column("applied_by", "NULL"),
                       column("out_of_order", "false"), column("state", "'applied'"), name_);
}

std::vector<Applied> History::read(database::Connection& connection) const {
    return exists_ ? rows_in(rows_of(connection, name_, select_rows())) : std::vector<Applied>{};
}

Contents History::read_all(database::Connection& connection) const {
    Contents contents;
    if (!exists_)
        return contents;
    const std::string more = steps_.look_for_all(is_held(lock_name(connection)));
    const std::string backfills = backfills_.look_for_unfinished();
    const std::vector<database::Result> results = results_of(
        connection, name_,
        select_rows() + (more.empty() ? "" : "; " + more) + (backfills.empty() ? "" : "; " + backfills));
    contents.applied = rows_in(results.front());
    if (!more.empty())
        contents.unfinished = steps_.all_found(std::span(results).subspan(1));
    if (!backfills.empty())
        add_backfills(contents.unfinished, Backfills::found(results.back()));
    contents.knows_unfinished = steps_.state().readable;
    return contents;
}

std::map<std::string, std::string> History::read_sources(database::Connection& connection,
                                                         const std::vector<std::string>& recorded) const {
    std::map<std::string, std::string> sources;
    if (!exists_ || !has_column("source") || recorded.empty())
        return sources;
    std::vector<std::string> literals;
    literals.reserve(recorded.size());
    for (const std::string& version : recorded)
        literals.push_back(connection.quote_literal(version));
    const database::Result result =
        rows_of(connection, name_,
                fmt::format("SELECT version, pg_catalog.encode(source, 'hex') FROM {} WHERE source IS NOT "
                            "NULL AND version OPERATOR(pg_catalog.=) ANY (ARRAY[{}]::pg_catalog.text[])",
                            name_, fmt::join(literals, ", ")));
    for (std::size_t i = 0; i < result.rows(); ++i)
        sources.emplace(result.text(i, 0), from_hex(result.text(i, 1)));
    return sources;
}

std::vector<std::string> History::newest_first(database::Connection& connection) const {
    std::vector<std::string> versions;
    if (!exists_)
        return versions;
    const database::Result result =
        rows_of(connection, name_,
                fmt::format("SELECT version FROM {} ORDER BY applied_at DESC, version DESC", name_));
    versions.reserve(result.rows());
    for (std::size_t i = 0; i < result.rows(); ++i)
        versions.emplace_back(result.text(i, 0));
    return versions;
}

std::vector<Noted> History::read_attempts(database::Connection& connection,
                                          std::optional<std::size_t> last) const {
    std::vector<Noted> all;
    if (!attempts_exist_)
        return all;
    const database::Result result = rows_of(
        connection, attempts_,
        fmt::format("SELECT run, event, version, pg_catalog.to_char(at AT TIME ZONE 'UTC', {}), duration_ms, "
                    "sqlstate, message, applied_by, runner_version FROM {} ORDER BY id DESC{}",
                    iso_8601, attempts_, last ? fmt::format(" LIMIT {}", *last) : ""));
    all.reserve(result.rows());
    for (std::size_t i = 0; i < result.rows(); ++i) {
        Noted noted;
        noted.run = result.text(i, 0);
        noted.attempt.event = result.text(i, 1);
        noted.attempt.version = result.text(i, 2);
        noted.at = result.text(i, 3);
        noted.attempt.duration_ms = number(result, i, 4);
        noted.attempt.sqlstate = result.text(i, 5);
        noted.attempt.message = result.text(i, 6);
        noted.by = result.text(i, 7);
        noted.runner_version = result.text(i, 8);
        all.push_back(std::move(noted));
    }
    std::reverse(all.begin(), all.end());
    return all;
}

} // namespace dibs::history
