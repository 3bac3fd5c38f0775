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
constexpr std::array<ColumnDefinition, 10> own_columns{{
    {"name", "text"},
    {"checksum", "text"},
    {"checksum_algorithm", "text"},
    {"duration_ms", "bigint"},
    {"applied_by", "text"},
    {"runner_version", "text"},
    {"out_of_order", "boolean NOT NULL DEFAULT false"},
    {"state", "text NOT NULL DEFAULT 'applied'"},
    {"description", "text"},
    {"source", "bytea"}, // not text: a database need not be able to hold every character of it
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

} // namespace

History::History(const database::Connection& connection, const Location& location, const Facts& facts)
    : table_(location.table), schema_exists_(facts.schema_exists) {
    if (connection.backend_pid() == facts.backend_pid)
        session_user_ = facts.session_user;
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
    const auto beside = [&](const std::vector<Facts::Found>& relations, const std::string& name,
                            std::string_view what_for) -> const Facts::Found* {
        const auto there =
            std::find_if(relations.begin(), relations.end(),
                         [&](const Facts::Found& relation) { return relation.schema == schema_; });
        if (there == relations.end())
            return nullptr;
        if (!is_table(*there))
            throw Failure(ExitCode::other,
                          fmt::format("{}.{} is no table, so it cannot keep {}", schema_, name, what_for),
                          "Rename it, or set `history: {schema: ..., table: ...}` in dibs.yaml.");
        return &*there;
    };
    const Facts::Found* const attempts = beside(facts.attempts, location.attempts(), "what was attempted");
    const Facts::Found* const steps = beside(facts.steps, location.steps(), "which steps are done");
    const Facts::Found* const backfills =
        beside(facts.backfills, location.backfills(), "how far backfills are");
    attempts_exist_ = attempts != nullptr;
    backfills_ = Backfills(quoted(connection, schema_, location.backfills()),
                           {backfills != nullptr, backfills == nullptr || backfills->readable});
    steps_ = Steps({name_, attempts_, quoted(connection, schema_, location.steps())},
                   {steps != nullptr, attempts_exist_,
                    (steps == nullptr || steps->readable) && (attempts == nullptr || attempts->readable)});
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
    sql += backfills_.creation();
    sql += fmt::format("INSERT INTO {} (run, event, runner_version) VALUES ({}, 'start', {}); {}{}",
                       attempts_, connection.quote_literal(run), connection.quote_literal(runner_version),
                       settings_given_by_reset(), own_transaction ? "; COMMIT" : "");
    const database::Outcome outcome = connection.script(sql);
    if (outcome.error) {
        if (own_transaction && connection.transaction_status() != database::TransactionStatus::idle)
            std::ignore = connection.script("ROLLBACK");
        throw Failure(ExitCode::other,
                      fmt::format("cannot prepare the history {}: {} ({})", name_, outcome.error->message,
                                  outcome.error->sqlstate),
                      hint_for(outcome.error->sqlstate));
    }
    const database::Result& given = outcome.results.at(outcome.results.size() - (own_transaction ? 2 : 1));
    given_by_reset_.clear();
    for (std::size_t row = 0; row < given.rows(); ++row)
        given_by_reset_.emplace_back(given.text(row, 0));
    exists_ = true;
    attempts_exist_ = true;
    steps_.created();
    backfills_.created();
    for (const ColumnDefinition& column : own_columns)
        if (!has(columns_, column.name))
            columns_.emplace_back(column.name);
}

bool History::has_column(std::string_view name) const {
    return has(columns_, name);
}

std::string History::lock_name(const database::Connection& connection) const {
    // NUL cannot be in any of them, so no two triples give one text.
    return fmt::format("dibs{0}{1}{0}{2}{0}{3}", '\0', connection.database(), schema_, table_);
}

} // namespace dibs::history
