#include "history/history.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "history/lock.hpp"
#include "history/runner_version.hpp"
#include "report/failure.hpp"

namespace dibs::history {
namespace {

using report::ExitCode;
using report::Failure;

struct ColumnDefinition {
    std::string_view name;
    std::string_view type;
};

/// After version and applied_at, which the Rust dibs has as well.
constexpr std::array<ColumnDefinition, 9> own_columns{{
    {"name", "text"},
    {"checksum", "text"},
    {"checksum_algorithm", "text"},
    {"duration_ms", "bigint"},
    {"applied_by", "text"},
    {"runner_version", "text"},
    {"out_of_order", "boolean NOT NULL DEFAULT false"},
    {"state", "text NOT NULL DEFAULT 'applied'"},
    {"description", "text"},
}};

bool has(const std::vector<std::string>& columns, std::string_view name) {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
}

std::string quoted(const database::Connection& connection, const std::string& schema,
                   const std::string& table) {
    return connection.quote_identifier(schema) + "." + connection.quote_identifier(table);
}

/// The relation that is the history, by the rule of Location::schema.
const Facts::Found* choose(const Location& location, const Facts& facts) {
    const auto found = std::find_if(facts.tables.begin(), facts.tables.end(), [&](const Facts::Found& table) {
        return location.schema ? table.schema == *location.schema : table.visible;
    });
    return found == facts.tables.end() ? nullptr : &*found;
}

bool is_table(const Facts::Found& relation) {
    return relation.kind == 'r' || relation.kind == 'p';
}

bool has_shape(const Facts::Found& relation) {
    return has(relation.columns, "version") && has(relation.columns, "applied_at");
}

/// What the server refuses, for the one who may change it.
std::string hint_for(const std::string& sqlstate) {
    if (sqlstate == "42501") // insufficient_privilege
        return "The role needs CREATE on the schema for the first run, then SELECT and INSERT on the "
               "tables; "
               "or set `history: {schema: ...}` in dibs.yaml. Nothing was changed.";
    return "If something else has a name that dibs needs, rename it, or set `history: {schema: ..., table: "
           "...}` in dibs.yaml. Nothing was changed.";
}

database::Value text_or_null(const std::string& text) {
    return text.empty() ? database::Value() : database::Value(text);
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
        if (const auto duration = result.value(i, 4))
            row.duration_ms = std::stoll(std::string(*duration));
        row.applied_by = result.text(i, 5);
        row.out_of_order = result.text(i, 6) == "t";
        row.state = result.text(i, 7);
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace

History::History(const database::Connection& connection, const Location& location, const Facts& facts)
    : table_(location.table), schema_exists_(facts.schema_exists) {
    const Facts::Found* const found = choose(location, facts);
    if (found != nullptr) {
        schema_ = found->schema;
        if (!is_table(*found))
            throw Failure(
                ExitCode::other,
                fmt::format("{}.{} is no table, so it cannot be the history of migrations", schema_, table_),
                "Rename it, or set `history: {schema: ..., table: ...}` in dibs.yaml.");
        if (!has_shape(*found))
            throw Failure(ExitCode::other,
                          fmt::format("the table {}.{} is not a history of migrations: it has the columns {}",
                                      schema_, table_, fmt::join(found->columns, ", ")),
                          "Rename it, or set `history: {schema: ..., table: ...}` in dibs.yaml.");
        columns_ = found->columns;
        rewritten_ = found->rewritten || found->kind == 'p';
        exists_ = true;
    } else if (location.schema) {
        schema_ = *location.schema;
    } else if (const auto history = std::find_if(
                   facts.tables.begin(), facts.tables.end(),
                   [](const Facts::Found& table) { return is_table(table) && has_shape(table); });
               history != facts.tables.end()) {
        const std::string& elsewhere = history->schema;
        throw Failure(
            ExitCode::disagreement,
            fmt::format("a history of migrations is in schema {0} ({0}.{1}), which is not on the search path",
                        elsewhere, table_),
            fmt::format("If it is this project's, set `history: {{schema: {0}}}` in dibs.yaml; if it is not, "
                        "name the schema that is.",
                        elsewhere));
    } else if (facts.current_schema.empty()) {
        throw Failure(ExitCode::other,
                      "no schema on the search path exists, so there is no place for the history",
                      "Set `history: {schema: ...}` in dibs.yaml, or create the schema.");
    } else {
        schema_ = facts.current_schema;
    }
    name_ = quoted(connection, schema_, table_);
    quoted_schema_ = connection.quote_identifier(schema_);
    attempts_ = quoted(connection, schema_, location.attempts());
    const auto attempts =
        std::find_if(facts.attempts.begin(), facts.attempts.end(),
                     [&](const Facts::Found& relation) { return relation.schema == schema_; });
    attempts_exist_ = attempts != facts.attempts.end();
    if (attempts_exist_ && !is_table(*attempts))
        throw Failure(ExitCode::other,
                      fmt::format("{}.{} is no table, so it cannot keep what was attempted", schema_,
                                  location.attempts()),
                      "Rename it, or set `history: {schema: ..., table: ...}` in dibs.yaml.");
    const auto steps = std::find_if(facts.steps.begin(), facts.steps.end(),
                                    [&](const Facts::Found& relation) { return relation.schema == schema_; });
    const bool steps_exist = steps != facts.steps.end();
    if (steps_exist && !is_table(*steps))
        throw Failure(ExitCode::other,
                      fmt::format("{}.{} is no table, so it cannot keep which steps are done", schema_,
                                  location.steps()),
                      "Rename it, or set `history: {schema: ..., table: ...}` in dibs.yaml.");
    steps_ = Steps({name_, attempts_, quoted(connection, schema_, location.steps())},
                   {steps_exist, attempts_exist_,
                    (!steps_exist || steps->readable) && (!attempts_exist_ || attempts->readable)});
}

std::vector<database::Result> History::read_rows(database::Connection& connection,
                                                 const std::string& more) const {
    const auto column = [&](std::string_view name, std::string_view otherwise) {
        return has(columns_, name) ? std::string(name) : fmt::format("{} AS {}", otherwise, name);
    };
    const std::string sql = fmt::format(
        "SET LOCAL row_security = off; SELECT version, {}, {}, pg_catalog.to_char(applied_at AT TIME ZONE "
        "'UTC', "
        "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), {}, {}, {}, {} FROM {} ORDER BY version",
        column("checksum", "NULL"), column("checksum_algorithm", "NULL"), column("duration_ms", "NULL"),
        column("applied_by", "NULL"), column("out_of_order", "false"), column("state", "'applied'"), name_);
    // One message is one transaction.
    database::Outcome outcome = connection.script(more.empty() ? sql : sql + "; " + more);
    if (outcome.error)
        throw Failure(ExitCode::other,
                      fmt::format("cannot read the history {}: {} ({})", name_, outcome.error->message,
                                  outcome.error->sqlstate),
                      "The role needs SELECT on it, and BYPASSRLS or ownership where it has row security.");
    outcome.results.erase(outcome.results.begin()); // of SET
    return std::move(outcome.results);
}

std::vector<Applied> History::read(database::Connection& connection) const {
    return exists_ ? rows_in(read_rows(connection, "").front()) : std::vector<Applied>{};
}

Contents History::read_all(database::Connection& connection) const {
    Contents contents;
    if (!exists_)
        return contents;
    const std::string more = steps_.look_for_all(is_held(lock_name(connection)));
    const std::vector<database::Result> results = read_rows(connection, more);
    contents.applied = rows_in(results.front());
    if (!more.empty())
        contents.unfinished = steps_.all_found(std::span(results).subspan(1));
    contents.knows_unfinished = steps_.state().readable;
    return contents;
}

Unfinished History::begin(database::Connection& connection, const plugin::Version& version,
                          const std::string& run) const {
    std::vector<database::Statement> statements{{"BEGIN READ WRITE", {}},
                                                {"RESET SESSION AUTHORIZATION", {}},
                                                {"RESET ROLE", {}},
                                                {"SET LOCAL row_security = off", {}}};
    const std::size_t first = statements.size();
    for (database::Statement& statement : steps_.look_for(version))
        statements.push_back(std::move(statement));
    const std::size_t found = statements.size() - first;
    statements.push_back(attempt({"start", version.to_string(), {}, {}, {}}, run));
    statements.push_back({"COMMIT", {}});
    const database::Outcome outcome = connection.pipeline(statements);
    if (outcome.error) {
        std::ignore = connection.script("ROLLBACK");
        throw Failure(ExitCode::other,
                      fmt::format("cannot note the start of {}: {} ({})", version.to_string(),
                                  outcome.error->message, outcome.error->sqlstate),
                      "The role needs SELECT and INSERT on the tables of the history.");
    }
    return steps_.found(std::span(outcome.results).subspan(first, found));
}

void History::prepare(database::Connection& connection, const std::string& run,
                      std::chrono::milliseconds lock_timeout) {
    const bool own_transaction = connection.transaction_status() == database::TransactionStatus::idle;
    std::string sql = own_transaction ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; " : "";
    sql += fmt::format("SET LOCAL lock_timeout = {}; ", lock_timeout.count());
    if (!schema_exists_)
        sql += fmt::format("CREATE SCHEMA {}; ", quoted_schema_);
    if (!exists_)
        sql +=
            fmt::format("CREATE TABLE {} (version text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT "
                        "pg_catalog.now()); ",
                        name_);
    std::string missing;
    for (const ColumnDefinition& column : own_columns)
        if (!has(columns_, column.name))
            missing +=
                fmt::format("{}ADD COLUMN {} {}", missing.empty() ? "" : ", ", column.name, column.type);
    if (!missing.empty())
        sql += fmt::format("ALTER TABLE {} {}; ", name_, missing);
    if (!attempts_exist_) // somebody may have dropped it alone
        sql += fmt::format(
            "CREATE TABLE {} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run text "
            "NOT NULL, event text NOT NULL, version text, at timestamptz NOT NULL DEFAULT "
            "pg_catalog.clock_timestamp(), duration_ms bigint, sqlstate text, message text, applied_by "
            "text NOT NULL DEFAULT session_user, runner_version text NOT NULL); ",
            attempts_);
    sql += steps_.creation();
    sql += fmt::format("INSERT INTO {} (run, event, runner_version) VALUES ({}, 'start', {});{}", attempts_,
                       connection.quote_literal(run), connection.quote_literal(runner_version),
                       own_transaction ? " COMMIT" : "");
    if (database::Outcome outcome = connection.script(sql); outcome.error) {
        if (own_transaction && connection.transaction_status() != database::TransactionStatus::idle)
            std::ignore = connection.script("ROLLBACK");
        throw Failure(ExitCode::other,
                      fmt::format("cannot prepare the history {}: {} ({})", name_, outcome.error->message,
                                  outcome.error->sqlstate),
                      hint_for(outcome.error->sqlstate));
    }
    exists_ = true;
    attempts_exist_ = true;
    steps_.created();
    for (const ColumnDefinition& column : own_columns)
        if (!has(columns_, column.name))
            columns_.emplace_back(column.name);
}

std::vector<database::Statement> History::record(const database::Connection& connection, const Record& record,
                                                 const std::string& run,
                                                 const std::string& transaction_id) const {
    const auto literal = [&](const std::string& text) {
        return text.empty() ? "NULL" : connection.quote_literal(text);
    };
    const std::string version = literal(record.version.to_string());
    const std::string recorded =
        transaction_id.empty()
            ? version
            : fmt::format("CASE WHEN pg_catalog.pg_current_xact_id()::pg_catalog.text OPERATOR(pg_catalog.=) "
                          "'{}' THEN {} END",
                          transaction_id, version);
    const std::string runner = literal(std::string(runner_version));
    const std::string migration = fmt::format(
        "INSERT INTO {} (version, applied_at, name, checksum, checksum_algorithm, duration_ms, applied_by, "
        "runner_version, out_of_order, description) VALUES ({}, pg_catalog.clock_timestamp(), {}, {}, {}, "
        "{}, "
        "session_user, {}, {}, {})",
        name_, recorded, literal(record.version.name()), literal(record.checksum),
        literal(record.checksum_algorithm), record.duration_ms, runner, record.out_of_order,
        literal(record.description));
    const std::string attempt =
        fmt::format("INSERT INTO {} (run, event, version, duration_ms, runner_version) ", attempts_);
    if (!rewritten_)
        return {{migration, {}},
                {fmt::format("{}VALUES ({}, 'applied', {}, {}, {})", attempt, literal(run), version,
                             record.duration_ms, runner),
                 {}}};
    return {{fmt::format("WITH recorded AS ({} RETURNING version) {} SELECT {}, CASE WHEN (SELECT r.version "
                         "OPERATOR(pg_catalog.=) {} FROM recorded r) THEN 'applied' END, {}, {}, {}",
                         migration, attempt, literal(run), version, version, record.duration_ms, runner),
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

std::string History::lock_name(const database::Connection& connection) const {
    // NUL cannot be in any of them, so no two triples give one text.
    return fmt::format("dibs{0}{1}{0}{2}{0}{3}", '\0', connection.database(), schema_, table_);
}

} // namespace dibs::history
