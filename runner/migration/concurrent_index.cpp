#include "migration/concurrent_index.hpp"

#include <chrono>
#include <exception>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "migration/hints.hpp"
#include "migration/index_definition.hpp"
#include "migration/index_progress.hpp"
#include "migration/long_statement.hpp"
#include "process/interrupt.hpp"
#include "report/text.hpp"

namespace dibs::migration {
namespace {

using database::Outcome;
using database::Result;
using database::Statement;
using std::chrono::milliseconds;
using worker::CallError;
using worker::CallFailure;
using worker::IndexDefinition;

/// How long dropping what a failed build has left may wait for others: the next run can do it as well.
const char* const patience_of_cleaning_up = "SET lock_timeout = '5s'";

/// A build waits for every transaction that is older: a lock time-out would end it there, for nothing. Nobody
/// else's reads and writes wait behind it.
class LockTimeout {
  public:
    explicit LockTimeout(database::Connection& connection) : connection_(connection) {
        const Outcome outcome =
            connection.script("SELECT pg_catalog.current_setting('lock_timeout'); SET lock_timeout = 0")
                .or_throw();
        before_ = outcome.results.front().text(0, 0);
    }
    LockTimeout(const LockTimeout&) = delete;
    LockTimeout& operator=(const LockTimeout&) = delete;
    ~LockTimeout() {
        try {
            std::ignore = connection_.script("SET lock_timeout = " + connection_.quote_literal(before_));
        } catch (const std::exception&) { // the connection is gone, and the setting with it
        }
    }

  private:
    database::Connection& connection_;
    std::string before_;
};

/// Around a statement: tells each second how far it is.
class Progress {
  public:
    Progress(database::Connection& connection, Watch& watch, std::string what,
             const std::function<void(const std::string&)>& say)
        : connection_(connection), watch_(watch), what_(std::move(what)), say_(say), statement_(watch) {
        connection.on_wait([this] { tell(); });
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { connection_.on_wait({}); }

  private:
    void tell() {
        const Watch::Sight sight = watch_.last_statement();
        if (!sight.index.empty() || sight.is_blocked)
            say_(fmt::format("{}: {}{}", what_, sight.index.empty() ? "waiting" : sight.index,
                             held_by(sight)));
    }

    database::Connection& connection_;
    Watch& watch_;
    std::string what_;
    const std::function<void(const std::string&)>& say_;
    Watch::Statement statement_;
};

/// The name is another relation's since it was looked for.
bool is_taken(const database::Message& said) {
    return said.sqlstate == "42P07" || // duplicate_table; or, in a race, unique_violation
           said.constraint == "pg_class_relname_nsp_index";
}

} // namespace

struct ConcurrentIndex::Table {
    std::string oid;
    std::string schema_oid;
    std::string quoted;      ///< schema.table
    std::string quoted_name; ///< table
    IndexDefinition names;   ///< as wanted, with its names quoted
};

/// A relation that has the index's name.
struct ConcurrentIndex::Found {
    bool is_index = false;
    bool on_this_table = false;
    bool is_valid = false;
    std::string definition; ///< as pg_get_indexdef() has it
    std::string tablespace;
    std::string quoted;  ///< schema.name
    std::string builder; ///< the pid of a session that builds it; empty: none
};

void ConcurrentIndex::create(const IndexDefinition& wanted) {
    if (wanted.table.empty() || wanted.name.empty() || wanted.columns.empty())
        refuse("create_index_concurrently() needs .table, .columns and .name",
               "As in {.table = \"orders\", .columns = {\"user_id\"}, .name = \"orders_user_id_idx\"}.");
    if (wanted.nulls_not_distinct && connection_.server_version() < 150000)
        refuse(fmt::format(".nulls_not_distinct needs PostgreSQL 15, and this server is {}.{}",
                           connection_.server_version() / 10000, connection_.server_version() % 10000),
               "Leave it out, or upgrade the server.");
    if (connection_.transaction_status() != database::TransactionStatus::idle)
        refuse("the migration has begun a transaction, in which no index can be built concurrently",
               "End it with COMMIT before.");
    const Table table = find_table(wanted);
    const LockTimeout none(connection_);
    while (!is_there(table, wanted))
        if (build(table, wanted))
            return;
}

ConcurrentIndex::Table ConcurrentIndex::find_table(const IndexDefinition& wanted) {
    const Result answer = ask(
        {"SELECT c.oid, c.relnamespace, c.relkind, pg_catalog.format('%I.%I', n.nspname, c.relname), "
         "pg_catalog.quote_ident(c.relname), pg_catalog.quote_ident($3), pg_catalog.quote_ident($4), "
         "pg_catalog.quote_ident($5) FROM pg_catalog.to_regclass(CASE WHEN "
         "$1::pg_catalog.text OPERATOR(pg_catalog.=) '' THEN pg_catalog.quote_ident($2) ELSE "
         "pg_catalog.format('%I.%I', $1, $2) END) AS wanted(oid) JOIN pg_catalog.pg_class c ON c.oid "
         "OPERATOR(pg_catalog.=) wanted.oid JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) "
         "c.relnamespace",
         {wanted.schema, wanted.table, wanted.name, wanted.method, wanted.tablespace}});
    const std::size_t dot = wanted.table.find('.');
    if (answer.rows() == 0)
        refuse(fmt::format("there is no table \"{}\"{}", wanted.table,
                           wanted.schema.empty() ? "" : fmt::format(" in schema \"{}\"", wanted.schema)),
               dot == std::string::npos || !wanted.schema.empty()
                   ? "Names are taken as they are, case included."
                   : fmt::format("A schema has a field of its own: .table = \"{}\", ..., .schema = \"{}\".",
                                 wanted.table.substr(dot + 1), wanted.table.substr(0, dot)));
    if (answer.text(0, 2) == "p")
        refuse(fmt::format("{} is partitioned, and PostgreSQL builds no index on such a table concurrently",
                           answer.text(0, 3)),
               "Build one on each partition concurrently; then, in another migration, CREATE INDEX ... ON "
               "ONLY the "
               "table, and ALTER INDEX ... ATTACH PARTITION each of them.");
    Table table{std::string(answer.text(0, 0)), std::string(answer.text(0, 1)),
                std::string(answer.text(0, 3)), std::string(answer.text(0, 4)), wanted};
    table.names.name = answer.text(0, 5);
    table.names.method = answer.text(0, 6);
    table.names.tablespace = answer.text(0, 7);
    if (wanted.method.empty())
        table.names.method.clear();
    if (wanted.tablespace.empty())
        table.names.tablespace.clear();
    return table;
}

std::optional<ConcurrentIndex::Found> ConcurrentIndex::find_index(const Table& table,
                                                                  const std::string& name) {
    const Result answer = ask(
        {"SELECT c.relkind, i.indrelid OPERATOR(pg_catalog.=) $1::pg_catalog.oid, i.indisvalid, "
         "pg_catalog.pg_get_indexdef(i.indexrelid), s.spcname, pg_catalog.format('%I.%I', n.nspname, "
         "c.relname), "
         "(SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid "
         "OPERATOR(pg_catalog.=) c.oid AND p.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() LIMIT "
         "1) "
         "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) "
         "c.relnamespace JOIN pg_catalog.pg_database d ON d.datname OPERATOR(pg_catalog.=) "
         "pg_catalog.current_database() JOIN pg_catalog.pg_tablespace s ON s.oid OPERATOR(pg_catalog.=) CASE "
         "c.reltablespace WHEN 0 THEN d.dattablespace ELSE c.reltablespace END LEFT JOIN pg_catalog.pg_index "
         "i "
         "ON i.indexrelid OPERATOR(pg_catalog.=) c.oid WHERE c.relnamespace OPERATOR(pg_catalog.=) "
         "$2::pg_catalog.oid AND c.relname OPERATOR(pg_catalog.=) $3::pg_catalog.name",
         {table.oid, table.schema_oid, name}});
    if (answer.rows() == 0)
        return std::nullopt;
    return Found{answer.value(0, 2).has_value(), answer.text(0, 1) == "t",
                 answer.text(0, 2) == "t",       std::string(answer.text(0, 3)),
                 std::string(answer.text(0, 4)), std::string(answer.text(0, 5)),
                 std::string(answer.text(0, 6))};
}

bool ConcurrentIndex::is_there(const Table& table, const IndexDefinition& wanted) {
    for (;;) {
        const std::optional<Found> found = find_index(table, wanted.name);
        if (!found)
            return false;
        if (!found->is_index)
            refuse(fmt::format("{} is no index, so no index can have this name", found->quoted),
                   "Indexes and tables of one schema share their names: give it another.");
        if (!found->on_this_table)
            refuse(fmt::format("there is an index {} already, on another table", found->quoted),
                   "Give the new one another name.", "it is: " + found->definition);
        if (found->is_valid) {
            compare(table, wanted, *found);
            voice_.remark(fmt::format("index {} is there already, as wanted", found->quoted));
            return true;
        }
        if (!found->builder.empty()) {
            wait_for(found->builder, table, wanted.name);
            continue;
        }
        voice_.remark(fmt::format(
            "a build that did not get to its end has left the index {} invalid: it is dropped first",
            found->quoted));
        drop_found(found->quoted);
    }
}

void ConcurrentIndex::wait_for(const std::string& builder, const Table& table, const std::string& name) {
    voice_.remark(
        fmt::format("the session with pid {} is building the index \"{}\": waiting for it", builder, name));
    for (;;) {
        process::sleep(milliseconds(500));
        const std::optional<Found> found = find_index(table, name);
        if (!found || found->builder != builder)
            return;
        const Result phase = ask({index_progress_question, {builder}});
        if (phase.rows() > 0)
            voice_.progress(
                fmt::format("index {} by pid {}: {}", name, builder, described(phase_in(phase, 0))));
    }
}

/// PostgreSQL itself says what the wanted definition is in its own words: it builds the index on an empty
/// copy of the table, of the same name so that expressions may use it.
void ConcurrentIndex::compare(const Table& table, const IndexDefinition& wanted, const Found& found) {
    const std::string copy = "pg_temp." + table.quoted_name;
    const std::string build = create_statement(table.names, copy, false);
    const Outcome outcome = connection_.script(fmt::format(
        "BEGIN; CREATE TEMPORARY TABLE {} (LIKE {}) ON COMMIT DROP; {}; SELECT "
        "pg_catalog.pg_get_indexdef(pg_catalog.to_regclass({})); ROLLBACK",
        table.quoted_name, table.quoted, build, connection_.quote_literal("pg_temp." + table.names.name)));
    if (outcome.error) {
        std::ignore = connection_.script("ROLLBACK");
        refuse(
            fmt::format("there is an index {} already, and whether it has this definition cannot be told: {}",
                        found.quoted, outcome.error->message),
            outcome.error->sqlstate == "42501" // insufficient_privilege
                ? "With GRANT TEMPORARY ON DATABASE dibs can compare them. Or drop it before, or give the "
                  "new one another name."
                : "Drop it before, or give the new one another name.",
            fmt::format("it is: {}\nwanted: {}", found.definition,
                        create_statement(table.names, table.quoted, true)));
    }
    const std::string_view canonical = outcome.results.at(3).text(0, 0);
    const bool same_place = wanted.tablespace.empty() || wanted.tablespace == found.tablespace;
    if (same_place && same_definition(found.definition, canonical, table.quoted_name))
        return;
    refuse(fmt::format("there is an index {} already, with another definition", found.quoted),
           "Drop it before (ctx.drop_index_concurrently()), or give the new one another name.",
           fmt::format("it is: {}{}\nwanted: {}", found.definition,
                       same_place ? "" : fmt::format(" TABLESPACE {}", found.tablespace),
                       create_statement(table.names, table.quoted, true)));
}

bool ConcurrentIndex::build(const Table& table, const IndexDefinition& wanted) {
    leaves_something_ = true;
    const auto begun = std::chrono::steady_clock::now();
    const Outcome outcome =
        send(create_statement(table.names, table.quoted, true), fmt::format("index {}", wanted.name));
    if (!outcome.error) {
        const std::optional<Found> built = find_index(table, wanted.name);
        if (built && built->is_valid) {
            const auto took = std::chrono::steady_clock::now() - begun;
            voice_.remark(
                fmt::format("index {} built, {}", built->quoted,
                            report::duration(std::chrono::duration_cast<std::chrono::microseconds>(took))));
            return true;
        }
        refuse(fmt::format("the index \"{}\" was built, and is not valid all the same", wanted.name),
               clean_up(table, wanted.name));
    }
    process::check_interrupt(); // no time to clean up then: the next run does it
    if (is_taken(*outcome.error)) {
        leaves_something_ = false;
        return false;
    }
    CallFailure failure = failure_of(*outcome.error, call_);
    if (outcome.error->sqlstate == "23505") // unique_violation
        failure.hint = "Mend the rows that stand in the way, and run dibs again.";
    const std::string left = clean_up(table, wanted.name);
    failure.hint += (failure.hint.empty() || left.empty() ? "" : " ") + left;
    throw CallError(std::move(failure));
}

std::string ConcurrentIndex::clean_up(const Table& table, const std::string& name) {
    const char* const left_behind = "It left an invalid index, which the next run drops first.";
    try {
        const std::optional<Found> left = find_index(table, name);
        leaves_something_ = left && left->is_index && left->on_this_table && !left->is_valid;
        if (!leaves_something_ || !left->builder.empty())
            return {};
        std::ignore = connection_.script(patience_of_cleaning_up);
        const Progress told(connection_, watch_, fmt::format("dropping what is left of the index {}", name),
                            voice_.progress);
        if (connection_.script("DROP INDEX CONCURRENTLY " + left->quoted).error)
            return left_behind;
    } catch (const CallError&) { // that the index could not be built says more
        return left_behind;
    }
    leaves_something_ = false;
    return "What it left was dropped.";
}

void ConcurrentIndex::drop(const worker::IndexRemoval& unwanted, bool may_be_gone) {
    if (unwanted.name.empty())
        refuse("drop_index_concurrently() needs .name", "As in {.name = \"orders_user_id_idx\"}.");
    if (connection_.transaction_status() != database::TransactionStatus::idle)
        refuse("the migration has begun a transaction, in which no index can be dropped concurrently",
               "End it with COMMIT before.");
    const Result answer = ask(
        {"SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind OPERATOR(pg_catalog.=) ANY "
         "('{i,I}'::pg_catalog.\"char\"[]) FROM pg_catalog.to_regclass(CASE WHEN $1::pg_catalog.text "
         "OPERATOR(pg_catalog.=) '' THEN pg_catalog.quote_ident($2) ELSE pg_catalog.format('%I.%I', $1, $2) "
         "END) AS unwanted(oid) JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) unwanted.oid JOIN "
         "pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace",
         {unwanted.schema, unwanted.name}});
    if (answer.rows() > 0) {
        if (answer.text(0, 1) != "t")
            refuse(fmt::format("{} is no index", answer.text(0, 0)), "");
        const LockTimeout none(connection_);
        drop_found(std::string(answer.text(0, 0)));
        voice_.remark(fmt::format("index {} dropped", answer.text(0, 0)));
        return;
    }
    const std::string in = unwanted.schema.empty() ? "" : fmt::format(" in schema \"{}\"", unwanted.schema);
    const std::string missing = fmt::format("there is no index \"{}\"{}", unwanted.name, in);
    if (!unwanted.if_exists && !may_be_gone)
        refuse(missing,
               "Names are taken as they are, case included, and a schema has a field of its own (.schema). "
               "If it may be missing, say .if_exists = true.");
    voice_.remark(missing + " (any more), so there is nothing to drop");
}

void ConcurrentIndex::drop_found(const std::string& qualified) {
    leaves_something_ = true;
    const Outcome outcome =
        send("DROP INDEX CONCURRENTLY " + qualified, fmt::format("dropping index {}", qualified));
    process::check_interrupt();
    if (outcome.error)
        throw CallError(failure_of(*outcome.error, call_));
    leaves_something_ = false;
}

Result ConcurrentIndex::ask(Statement statement) {
    process::check_interrupt();
    Outcome outcome = connection_.pipeline({&statement, 1});
    if (!outcome.error)
        return std::move(outcome.results.front());
    process::check_interrupt();
    call_.sql.clear();
    throw CallError(failure_of(*outcome.error, call_));
}

Outcome ConcurrentIndex::send(const std::string& sql, const std::string& what) {
    process::check_interrupt();
    call_.sql = sql;
    const Progress told(connection_, watch_, what, voice_.progress);
    return connection_.script(sql);
}

void ConcurrentIndex::refuse(std::string reason, std::string hint, std::string detail) const {
    CallFailure failure;
    failure.message = std::move(reason);
    failure.hint = std::move(hint);
    failure.detail = std::move(detail);
    failure.file = call_.file;
    failure.line = call_.line;
    throw CallError(std::move(failure));
}

} // namespace dibs::migration
