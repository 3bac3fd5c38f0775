#include "history/history.hpp"

#include <tuple>

#include <fmt/format.h>

#include "history/runner_version.hpp"
#include "report/failure.hpp"

namespace dibs::history {
namespace {

database::Value text_or_null(const std::string& text) {
    return text.empty() ? database::Value() : database::Value(text);
}

std::string literal(const database::Connection& connection, const std::string& text) {
    return text.empty() ? "NULL" : connection.quote_literal(text);
}

std::string literal(const std::optional<std::int64_t>& value) {
    return value ? std::to_string(*value) : "NULL";
}

/// Null in another transaction than that of this id: what must not be null there refuses to be written.
std::string only_in(const std::string& transaction_id, const std::string& value) {
    if (transaction_id.empty())
        return value;
    return fmt::format("CASE WHEN pg_catalog.pg_current_xact_id()::pg_catalog.text OPERATOR(pg_catalog.=) "
                       "'{}' THEN {} END",
                       transaction_id, value);
}

/// The one spelling that the attempts have of a version.
std::string label_of(const Applied& row) {
    return row.version ? row.version->to_string() : row.recorded;
}

} // namespace

std::string kept_source(const database::Connection& connection, const std::string& redacted) {
    if (redacted.empty() || redacted.size() > largest_source)
        return "NULL";
    std::string escaped; // as bytes: readable where a server logs it, and as long as that is
    escaped.reserve(redacted.size());
    for (const char byte : redacted) {
        if (byte == '\\')
            escaped += "\\\\";
        else if (const auto value = static_cast<unsigned char>(byte); value == 0 || value >= 0x80)
            escaped += fmt::format("\\{:03o}", value);
        else
            escaped += byte;
    }
    // As decode(..., 'escape') reads it; never as hex, for which it would begin with one backslash.
    return connection.quote_literal(escaped) + "::pg_catalog.bytea";
}

std::vector<database::Statement> History::record(const database::Connection& connection, const Record& record,
                                                 const std::string& run, const std::string& transaction_id,
                                                 const std::string& returned) const {
    const std::string version = literal(connection, record.version.to_string());
    const std::string runner = literal(connection, std::string(runner_version));
    const std::string state = connection.quote_literal(record.state);
    const std::string migration = fmt::format(
        "INSERT INTO {} (version, applied_at, name, checksum, checksum_algorithm, duration_ms, applied_by, "
        "runner_version, out_of_order, state, description, source) VALUES ({}, pg_catalog.clock_timestamp(), "
        "{}, {}, {}, {}, session_user, {}, {}, {}, {}, {})",
        name_, only_in(transaction_id, version), literal(connection, record.version.name()),
        literal(connection, record.checksum), literal(connection, record.checksum_algorithm),
        literal(record.duration_ms), runner, record.out_of_order, state,
        literal(connection, record.description), record.source);
    const std::string attempt =
        fmt::format("INSERT INTO {} (run, event, version, duration_ms, runner_version) ", attempts_);
    const std::string named = connection.quote_literal(run);
    const std::string duration = literal(record.duration_ms);
    if (!rewritten_)
        return {
            {returned.empty() ? migration : fmt::format("{} RETURNING {}", migration, returned), {}},
            {fmt::format("{}VALUES ({}, {}, {}, {}, {})", attempt, named, state, version, duration, runner),
             {}}};
    return {{fmt::format("WITH recorded AS ({} RETURNING version) {} SELECT {}, CASE WHEN (SELECT r.version "
                         "OPERATOR(pg_catalog.=) {} FROM recorded r) THEN {} END, {}, {}, {}",
                         migration, attempt, named, version, state, version, duration, runner),
             {}}};
}

database::Statement History::attempt(const Attempt& attempt, const std::string& run) const {
    database::Statement statement;
    statement.sql =
        fmt::format("INSERT INTO {} (run, event, version, duration_ms, sqlstate, message, runner_version) "
                    "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    attempts_);
    statement.values = {run,
                        attempt.event,
                        text_or_null(attempt.version),
                        attempt.duration_ms ? database::Value(std::to_string(*attempt.duration_ms))
                                            : database::Value(),
                        text_or_null(attempt.sqlstate),
                        text_or_null(attempt.message),
                        runner_version};
    return statement;
}

Unfinished History::begin(database::Connection& connection, const plugin::Version& version,
                          const std::string& run, bool backwards) const {
    std::vector<database::Statement> statements{{"BEGIN READ WRITE", {}},
                                                {"RESET SESSION AUTHORIZATION", {}},
                                                {"RESET ROLE", {}},
                                                {"SET LOCAL statement_timeout = 0", {}},
                                                {"SET LOCAL row_security = off", {}}};
    const std::size_t first = statements.size();
    for (database::Statement& statement : steps_.look_for(version, backwards))
        statements.push_back(std::move(statement));
    const std::size_t found = statements.size() - first;
    statements.push_back(attempt({"start", version.to_string(), {}, {}, backwards ? "rollback()" : ""}, run));
    statements.push_back({"COMMIT", {}});
    const database::Outcome outcome = connection.pipeline(statements);
    if (outcome.error) {
        std::ignore = connection.script("ROLLBACK");
        throw report::Failure(report::ExitCode::other,
                              fmt::format("cannot note the start of {}: {} ({})", version.to_string(),
                                          outcome.error->message, outcome.error->sqlstate),
                              "The role needs SELECT and INSERT on the tables of the history.");
    }
    return steps_.found(std::span(outcome.results).subspan(first, found));
}

database::Statement History::take_back(const database::Connection& connection, const Applied& row,
                                       std::int64_t duration_ms, const std::string& run,
                                       const std::string& transaction_id) const {
    return changed_row(connection,
                       fmt::format("DELETE FROM {} WHERE version OPERATOR(pg_catalog.=) {}", name_,
                                   connection.quote_literal(row.recorded)),
                       {"rolled back", label_of(row), duration_ms, {}, {}},
                       only_in(transaction_id, connection.quote_literal(run)));
}

database::Statement History::accept(const database::Connection& connection, const Applied& row,
                                    const Record& built, const std::string& message,
                                    const std::string& run) const {
    return changed_row(
        connection,
        fmt::format("UPDATE {} SET checksum = {}, checksum_algorithm = {}, source = {} WHERE version "
                    "OPERATOR(pg_catalog.=) {}",
                    name_, literal(connection, built.checksum), literal(connection, built.checksum_algorithm),
                    built.source, connection.quote_literal(row.recorded)),
        {"repaired", label_of(row), {}, {}, message}, connection.quote_literal(run));
}

database::Statement History::retire(const database::Connection& connection, const Applied& row,
                                    const std::string& message, const std::string& run) const {
    return changed_row(connection,
                       fmt::format("UPDATE {} SET state = '{}' WHERE version OPERATOR(pg_catalog.=) {}",
                                   name_, was_retired, connection.quote_literal(row.recorded)),
                       {"repaired", label_of(row), {}, {}, message}, connection.quote_literal(run));
}

database::Statement History::remove(const database::Connection& connection, const Applied& row,
                                    const std::string& message, const std::string& run) const {
    return changed_row(connection,
                       fmt::format("DELETE FROM {} WHERE version OPERATOR(pg_catalog.=) {}", name_,
                                   connection.quote_literal(row.recorded)),
                       {"repaired", label_of(row), {}, {}, message}, connection.quote_literal(run));
}

void History::write(database::Connection& connection, const std::vector<database::Statement>& statements,
                    const std::string& run, std::chrono::milliseconds lock_timeout) {
    std::ignore = connection.script("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").or_throw();
    prepare(connection, run, lock_timeout);
    std::string sql;
    for (const database::Statement& statement : statements)
        sql += statement.sql + "; ";
    const database::Outcome outcome = connection.script(sql + "COMMIT");
    if (!outcome.error)
        return;
    const database::Message& said = *outcome.error;
    std::ignore = connection.script("ROLLBACK");
    if (said.sqlstate == "23502" && said.column == "event") // not_null_violation, by changed_row()
        throw report::Failure(
            report::ExitCode::other,
            "a row that was to be changed is not in the history any more, or a trigger keeps it",
            "`dibs status` tells what is. Nothing was changed.");
    throw report::Failure(
        report::ExitCode::other,
        fmt::format("cannot write to the history {}: {} ({})", name_, said.message, said.sqlstate),
        said.sqlstate == "42501" // insufficient_privilege
            ? "The role needs INSERT, UPDATE and DELETE on it. Nothing was changed."
            : "Nothing was changed.");
}

database::Statement History::changed_row(const database::Connection& connection, const std::string& change,
                                         const Attempt& attempt, const std::string& run) const {
    return {fmt::format("WITH changed AS ({} RETURNING version) INSERT INTO {} (run, event, version, "
                        "duration_ms, message, runner_version) SELECT {}, CASE WHEN EXISTS (SELECT FROM "
                        "changed) THEN '{}' END, {}, {}, {}, {}",
                        change, attempts_, run, attempt.event, literal(connection, attempt.version),
                        literal(attempt.duration_ms), literal(connection, attempt.message),
                        connection.quote_literal(runner_version)),
            {}};
}

} // namespace dibs::history
