#include "history/backfills.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dibs::history {
namespace {

using database::Connection;
using database::Result;

std::string utc(std::string_view column) {
    return fmt::format("pg_catalog.to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')", column);
}

std::int64_t number(const Result& result, std::size_t row, std::size_t column) {
    return std::stoll(std::string(result.text(row, column)));
}

std::string array(const Connection& connection, const std::vector<std::string>& texts) {
    std::vector<std::string> literals;
    for (const std::string& text : texts)
        literals.push_back(connection.quote_literal(text));
    return fmt::format("ARRAY[{}]::pg_catalog.text[]", fmt::join(literals, ", "));
}

std::string is(const Connection& connection, const std::string& version, const std::string& name) {
    return fmt::format("version OPERATOR(pg_catalog.=) {} AND name OPERATOR(pg_catalog.=) {}",
                       connection.quote_literal(version), connection.quote_literal(name));
}

std::string is(const Connection& connection, const Backfill& backfill) {
    return is(connection, backfill.version, backfill.name);
}

constexpr std::string_view is_head = " AND part OPERATOR(pg_catalog.=) 0";

} // namespace

std::string Backfill::shown_state() const {
    return state == "running" && !at_work ? "interrupted" : state;
}

std::optional<int> Backfill::percent() const {
    if (state == "finished")
        return 100;
    if (total < 0)
        return std::nullopt;
    // The estimate may be too low, and it is not done before it is done.
    return total == 0 ? 0 : static_cast<int>(std::min<std::int64_t>(99, walked * 100 / total));
}

std::string Backfills::key(const plugin::Version& version, bool backwards) {
    return version.to_string() + (backwards ? " (rollback)" : "");
}

std::string Backfills::creation() const {
    if (state_.exists)
        return {};
    // Nothing that changes with every batch is in an index, and a page has room for some hundred versions of
    // its one or two rows: so PostgreSQL puts the next one there, and clears the dead away in passing
    // ("HOT").
    return fmt::format(
        "CREATE TABLE {} (version text, name text, part integer, run text NOT NULL, definition text, state "
        "text, pass integer, total bigint, relation text, position text[], last text[], rows bigint NOT NULL "
        "DEFAULT 0, walked bigint NOT NULL DEFAULT 0, batches bigint NOT NULL DEFAULT 0, batch_size bigint, "
        "done boolean NOT NULL DEFAULT false, unsettled boolean NOT NULL DEFAULT false, begun_at timestamptz "
        "NOT NULL DEFAULT pg_catalog.clock_timestamp(), changed_at timestamptz, finished_at timestamptz, "
        "paused_by text, waits text, PRIMARY KEY (version, name, part)) WITH (fillfactor = 10); ",
        table_);
}

std::string Backfills::select(const std::string& condition) const {
    const auto sum = [](std::string_view column) {
        return fmt::format("(h.{0} OPERATOR(pg_catalog.+) coalesce(p.{0}, 0))::pg_catalog.int8", column);
    };
    return fmt::format(
        "SELECT h.version, h.name, h.definition, h.state, h.pass, {0}, {1}, coalesce(p.walked, "
        "0)::pg_catalog.int8, h.total, {2}, {3}, {4}, h.paused_by, h.waits FROM {5} h LEFT JOIN LATERAL "
        "(SELECT pg_catalog.sum(q.rows) AS rows, pg_catalog.sum(q.batches) AS batches, "
        "pg_catalog.sum(q.walked) AS walked, pg_catalog.max(q.changed_at) AS changed_at FROM {5} q WHERE "
        "q.version OPERATOR(pg_catalog.=) h.version AND q.name OPERATOR(pg_catalog.=) h.name AND q.part "
        "OPERATOR(pg_catalog.>) 0) p ON true WHERE h.part OPERATOR(pg_catalog.=) 0 AND {6} ORDER BY "
        "h.begun_at, h.version, h.name",
        sum("rows"), sum("batches"), utc("h.begun_at"), utc("coalesce(p.changed_at, h.changed_at)"),
        utc("h.finished_at"), table_, condition);
}

std::vector<Backfill> Backfills::found(const Result& result) {
    std::vector<Backfill> all;
    for (std::size_t row = 0; row < result.rows(); ++row) {
        Backfill& backfill = all.emplace_back();
        backfill.version = result.text(row, 0);
        backfill.name = result.text(row, 1);
        backfill.definition = result.text(row, 2);
        backfill.state = result.text(row, 3);
        backfill.pass = static_cast<int>(number(result, row, 4));
        backfill.rows = number(result, row, 5);
        backfill.batches = number(result, row, 6);
        backfill.walked = number(result, row, 7);
        backfill.total = number(result, row, 8);
        backfill.begun_at = result.text(row, 9);
        backfill.changed_at = result.text(row, 10);
        backfill.finished_at = result.text(row, 11);
        backfill.paused_by = result.text(row, 12);
        backfill.waits = result.text(row, 13);
    }
    return all;
}

std::optional<Backfill> Backfills::find(Connection& connection, const std::string& version,
                                        const std::string& name) const {
    const std::string key = is(connection, version, name);
    const database::Outcome outcome =
        connection
            .script(fmt::format(
                "{0}; SELECT part, relation, rows, walked, batches, coalesce(batch_size, 0), done, unsettled "
                "FROM {1} "
                "WHERE {2} AND part OPERATOR(pg_catalog.>) 0 ORDER BY part; SELECT part, 'position', n, v "
                "FROM "
                "{1}, pg_catalog.unnest(position) WITH ORDINALITY u(v, n) WHERE {2} UNION ALL SELECT part, "
                "'last', n, v FROM {1}, pg_catalog.unnest(last) WITH ORDINALITY u(v, n) WHERE {2} ORDER BY "
                "1, "
                "2, 3",
                select(fmt::format("h.version OPERATOR(pg_catalog.=) {} AND h.name OPERATOR(pg_catalog.=) {}",
                                   connection.quote_literal(version), connection.quote_literal(name))),
                table_, key))
            .or_throw();
    std::vector<Backfill> heads = found(outcome.results.at(0));
    if (heads.empty())
        return std::nullopt;
    Backfill backfill = std::move(heads.front());
    const Result& parts = outcome.results.at(1);
    for (std::size_t row = 0; row < parts.rows(); ++row)
        backfill.parts.push_back({static_cast<int>(number(parts, row, 0)),
                                  std::string(parts.text(row, 1)),
                                  {},
                                  {},
                                  number(parts, row, 2),
                                  number(parts, row, 3),
                                  number(parts, row, 4),
                                  number(parts, row, 5),
                                  parts.text(row, 6) == "t",
                                  parts.text(row, 7) == "t"});
    const Result& keys = outcome.results.at(2);
    for (std::size_t row = 0; row < keys.rows(); ++row)
        for (BackfillPart& part : backfill.parts)
            if (part.number == number(keys, row, 0))
                (keys.text(row, 1) == "last" ? part.last : part.position).emplace_back(keys.text(row, 3));
    return backfill;
}

std::vector<Backfill> Backfills::called(Connection& connection, const std::string& name) const {
    const std::string condition =
        name.empty() ? "true" : "h.name OPERATOR(pg_catalog.=) " + connection.quote_literal(name);
    return found(connection.query({select(condition), {}}));
}

std::string Backfills::insert_parts(const Connection& connection, const Backfill& backfill,
                                    const std::string& run) const {
    std::string sql;
    for (const BackfillPart& part : backfill.parts)
        sql += fmt::format("; INSERT INTO {} (version, name, part, run, relation, position, last) VALUES "
                           "({}, {}, {}, {}, {}, {}, {})",
                           table_, connection.quote_literal(backfill.version),
                           connection.quote_literal(backfill.name), part.number,
                           connection.quote_literal(run), connection.quote_literal(part.relation),
                           array(connection, part.position), array(connection, part.last));
    return sql;
}

std::string Backfills::begin(const Connection& connection, const Backfill& backfill,
                             const std::string& run) const {
    return fmt::format(
               "INSERT INTO {} (version, name, part, run, definition, state, pass, total) VALUES ({}, "
               "{}, 0, {}, {}, 'running', 1, {})",
               table_, connection.quote_literal(backfill.version), connection.quote_literal(backfill.name),
               connection.quote_literal(run), connection.quote_literal(backfill.definition), backfill.total) +
           insert_parts(connection, backfill, run);
}

std::string Backfills::take_over(const Connection& connection, const std::string& version,
                                 const std::string& name, const std::string& run) const {
    return fmt::format("UPDATE {} SET run = {} WHERE {}", table_, connection.quote_literal(run),
                       is(connection, version, name));
}

std::string Backfills::advance(const Connection& connection, const Backfill& backfill,
                               const BackfillPart& part, const std::string& run) const {
    return fmt::format(
        "WITH moved AS (UPDATE {} SET position = {}, rows = {}, walked = {}, batches = {}, batch_size = {}, "
        "done = {}, unsettled = {}, changed_at = pg_catalog.clock_timestamp() WHERE {} AND part "
        "OPERATOR(pg_catalog.=) {} AND run OPERATOR(pg_catalog.=) {} RETURNING part) SELECT 1 "
        "OPERATOR(pg_catalog./) pg_catalog.count(*) FROM moved",
        table_, array(connection, part.position), part.rows, part.walked, part.batches, part.batch_size,
        part.done, part.unsettled, is(connection, backfill), part.number, connection.quote_literal(run));
}

std::string Backfills::ask_state(const Connection& connection, const Backfill& backfill) const {
    return fmt::format("SELECT state, coalesce(paused_by, '') FROM {} WHERE {}{}", table_,
                       is(connection, backfill), is_head);
}

std::string Backfills::note_waiting(const Connection& connection, const Backfill& backfill,
                                    const std::string& why) const {
    return fmt::format("UPDATE {} SET waits = {} WHERE {}{}", table_,
                       why.empty() ? "NULL" : connection.quote_literal(why), is(connection, backfill),
                       is_head);
}

std::string Backfills::end_pass(const Connection& connection, const Backfill& backfill,
                                std::string_view change) const {
    return fmt::format(
        "UPDATE {0} h SET {1}, rows = h.rows OPERATOR(pg_catalog.+) p.rows, batches = h.batches "
        "OPERATOR(pg_catalog.+) p.batches, changed_at = pg_catalog.clock_timestamp() FROM (SELECT "
        "coalesce(pg_catalog.sum(q.rows), 0)::pg_catalog.int8 AS rows, coalesce(pg_catalog.sum(q.batches), "
        "0)::pg_catalog.int8 AS batches FROM {0} q WHERE {2} AND part OPERATOR(pg_catalog.>) 0) p WHERE "
        "{2}{3}; DELETE FROM {0} WHERE {2} AND part OPERATOR(pg_catalog.>) 0",
        table_, change, is(connection, backfill), is_head);
}

std::string Backfills::begin_pass(const Connection& connection, const Backfill& backfill,
                                  const std::string& run) const {
    return end_pass(connection, backfill, fmt::format("pass = {}", backfill.pass)) +
           insert_parts(connection, backfill, run);
}

std::string Backfills::finish(const Connection& connection, const Backfill& backfill) const {
    return end_pass(
        connection, backfill,
        "state = 'finished', finished_at = pg_catalog.clock_timestamp(), waits = NULL, paused_by = "
        "NULL");
}

std::string Backfills::set_state(const Connection& connection, const Backfill& backfill,
                                 std::string_view state) const {
    return fmt::format("UPDATE {} SET state = '{}', paused_by = {} WHERE {}{} AND state "
                       "OPERATOR(pg_catalog.<>) 'finished' AND state OPERATOR(pg_catalog.<>) '{}'",
                       table_, state, state == "paused" ? "session_user" : "NULL", is(connection, backfill),
                       is_head, state);
}

std::string Backfills::forget(const Connection& connection, const plugin::Version& version) const {
    return fmt::format("DELETE FROM {} WHERE version OPERATOR(pg_catalog.=) ANY (ARRAY[{}, "
                       "{}]::pg_catalog.text[])",
                       table_, connection.quote_literal(key(version, false)),
                       connection.quote_literal(key(version, true)));
}

std::string Backfills::look_for_unfinished() const {
    if (!state_.exists || !state_.readable)
        return {};
    return select("h.state OPERATOR(pg_catalog.<>) 'finished'");
}

} // namespace dibs::history
