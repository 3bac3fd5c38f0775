// What is written for tables that are there already, before the linter that looks for what keeps others
// waiting: https://github.com/sbdchd/squawk. Compiled where CMake finds it.

#include <algorithm>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include "process/child.hpp"
#include "schema/diff/phases.hpp"
#include "schema/read/reader.hpp"
#include "support/server.hpp"
#include "support/temporary_directory.hpp"

using dibs::database::Connection;
using dibs::tests::Database;
using namespace dibs::schema;

namespace {

using Rules = std::set<std::string>;

/// Style, and what dibs does in another way than by the SQL: it waits for locks no longer than it says before
/// each migration, has --migration-timeout, and finds what an earlier attempt left.
constexpr const char* apart =
    "prefer-bigint-over-int,prefer-bigint-over-smallint,prefer-identity,prefer-text-field,prefer-timestamp-"
    "tz,"
    "ban-char-field,ban-create-domain-with-constraint,require-statement-timeout,prefer-robust-stmts";

struct Lint {
    Rules rules;
    std::string text; ///< of the SQL and the findings
};

/// A migration as it is sent: after what dibs sends ahead of it.
void lint(const Phase& phase, Lint& result) {
    const dibs::tests::TemporaryDirectory folder;
    const std::string path = (folder.path() / "phase.sql").string();
    std::string sql = "SET lock_timeout = '1500ms';\n";
    for (const Piece& piece : phase.pieces)
        sql += piece.sql + ";\n";
    std::ofstream(path) << sql;
    std::vector<std::string> argv{DIBS_TEST_SQUAWK,
                                  "--pg-version=15",
                                  "--reporter=gcc",
                                  "--exclude",
                                  apart,
                                  "--include=require-table-schema",
                                  path};
    if (phase.transaction)
        argv.insert(argv.begin() + 1, "--assume-in-transaction");
    const dibs::process::Result ran = dibs::process::run({.argv = argv});
    const std::string found = ran.out + ran.err;
    result.text += sql + found;
    constexpr std::string_view mark = ": warning: ";
    for (std::size_t at = found.find(mark); at != std::string::npos; at = found.find(mark, at + 1)) {
        const std::size_t begin = at + mark.size();
        result.rules.insert(found.substr(begin, found.find_first_of(" \n", begin) - begin));
    }
    if (found.find(": error: ") != std::string::npos)
        result.rules.insert("an error");
}

Plan difference(const std::string& from, const std::string& to) {
    const Database old;
    const Database wanted;
    old.psql(from);
    wanted.psql(to);
    Connection left(old.conninfo(), "test");
    Connection right(wanted.conninfo(), "test");
    return plan(read(left, {}), read(right, {}));
}

Lint lint_all(const Plan& plan) {
    Lint all;
    for (const Phase& phase : phases(plan, Ordering::fewest))
        lint(phase, all);
    return all;
}

} // namespace

TEST_CASE("the linter is one: it finds what locks a table") {
    Lint found;
    lint({true, {{Piece::Way::transaction, "CREATE INDEX i ON public.t (a)"}}}, found);
    INFO(found.text);
    CHECK(found.rules == Rules{"require-concurrent-index-creation"});
}

TEST_CASE("what is written for a table that is there keeps nobody waiting, says squawk") {
    const std::string parent = "CREATE TABLE parent (id bigint PRIMARY KEY);";
    const std::string table = parent + "CREATE TABLE t (id bigint NOT NULL, a int, b text);";
    const auto [from, to] = GENERATE_COPY(values<std::pair<std::string, std::string>>({
        {"",
         table +
             "CREATE INDEX i ON t (a); ALTER TABLE t ADD PRIMARY KEY (id), ADD FOREIGN KEY (id) REFERENCES "
             "parent, ADD CHECK (a > 0), ADD UNIQUE (b);"},
        {table, table + "CREATE INDEX i ON t (a); CREATE UNIQUE INDEX u ON t (lower(b)) WHERE a > 0;"},
        {table + "CREATE INDEX i ON t (a);", table},
        {table + "CREATE INDEX i ON t (a);", table + "CREATE INDEX i ON t (b);"},
        {table, table + "ALTER TABLE t ADD PRIMARY KEY (id);"},
        {table, table + "ALTER TABLE t ADD UNIQUE (b);"},
        {table, table + "ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES parent ON DELETE CASCADE;"},
        {table, table + "ALTER TABLE t ADD CHECK (a > 0);"},
        {table, table +
                    "ALTER TABLE t ADD c int, ADD d text DEFAULT 'none', ADD e timestamptz NOT NULL DEFAULT "
                    "now();"},
        {table, table + "ALTER TABLE t ALTER a SET DEFAULT 1;"},
        {"CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE m (m mood);",
         "CREATE TYPE mood AS ENUM ('very sad', 'sad', 'fair', 'ok'); CREATE TABLE m (m mood DEFAULT "
         "'fair');"},
    }));
    const Lint found = lint_all(difference(from, to));
    INFO(found.text);
    CHECK(found.rules.empty());
}

TEST_CASE("squawk does not see the check that SET NOT NULL goes by, nor which types are stored alike") {
    const std::string table = "CREATE TABLE t (a int, s varchar(10));";
    const Lint required = lint_all(difference(table, "CREATE TABLE t (a int NOT NULL, s varchar(10));"));
    INFO(required.text);
    CHECK(required.rules == Rules{"adding-not-nullable-field"});
    CHECK(required.text.find("VALIDATE CONSTRAINT t_a_required") < required.text.find("SET NOT NULL"));

    const Plan wider = difference(table, "CREATE TABLE t (a int, s varchar(20));");
    CHECK(lint_all(wider).rules == Rules{"changing-column-type"});
    const Database database;
    database.psql(table);
    const std::string file = "SELECT pg_relation_filenode('t')";
    const std::string before = database.psql(file);
    for (const Statement& statement : wider.statements)
        database.psql(statement.sql);
    CHECK(database.psql(file) == before); // not written anew
}

TEST_CASE("what squawk finds all the same is marked in the plan") {
    struct Accepted {
        std::string from;
        std::string to;
        Rules rules;
        Hazard::Type marked;
    };
    const std::string table = "CREATE TABLE t (id bigint NOT NULL, a int);";
    const auto each = GENERATE_COPY(values<Accepted>({
        {table, "", {"ban-drop-table"}, Hazard::Type::data_loss},
        {table, "CREATE TABLE t (id bigint NOT NULL);", {"ban-drop-column"}, Hazard::Type::data_loss},
        {table,
         "CREATE TABLE t (id bigint NOT NULL, a bigint);",
         {"changing-column-type"},
         Hazard::Type::rewrite},
        {table,
         table + "ALTER TABLE t ADD c int NOT NULL;",
         {"adding-required-field"},
         Hazard::Type::may_fail},
        {table,
         table + "ALTER TABLE t ADD c float DEFAULT random();",
         {"adding-field-with-default"},
         Hazard::Type::rewrite},
    }));
    const Plan plan = difference(each.from, each.to);
    const Lint found = lint_all(plan);
    INFO(found.text);
    CHECK(found.rules == each.rules);
    CHECK(std::any_of(plan.changes.begin(), plan.changes.end(), [&](const Change& change) {
        return std::any_of(change.hazards.begin(), change.hazards.end(),
                           [&](const Hazard& hazard) { return hazard.type == each.marked; });
    }));
}
