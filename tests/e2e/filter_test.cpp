#include "support/sql_project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Database;
using dibs::tests::Ran;
using dibs::tests::SqlProject;

TEST_CASE("What dibs.yaml leaves out of the comparison is neither made nor dropped nor changed") {
    SqlProject project;
    project.psql(
        "CREATE SCHEMA legacy; CREATE TABLE legacy.old (id int); CREATE TABLE legacy.older (id int); "
        "CREATE TABLE audit_log (id int); CREATE TABLE users (id bigint PRIMARY KEY, by_hand text)");
    project.wants(
        "CREATE SCHEMA legacy; CREATE TABLE legacy.fresh (id int); CREATE TABLE audit_log (id bigint); "
        "CREATE TABLE users (id bigint PRIMARY KEY, name text)");
    CHECK(contains(project.diff().out, "table legacy.fresh"));
    project.configure("diff:\n  exclude: [\"schema:legacy\", \"table:audit_*\", \"column:users.by_hand\"]\n");
    const Ran found = project.diff();
    CHECK(found.code == 3);
    CHECK(found.out.starts_with("table public.users\n  + column name text\n\n1 change to make "));
    CHECK(found.err.empty());
    const std::string source = project.step("add-name");
    CHECK(contains(source, "ALTER TABLE public.users ADD COLUMN name text"));
    CHECK(project.psql("SELECT count(*) FROM pg_tables WHERE schemaname = 'legacy'") == "2");
    CHECK(project.psql("SELECT count(by_hand) FROM users") == "0");
}

TEST_CASE(
    "What is left out is so between two databases as well, and a pattern that matches nothing is warned of") {
    SqlProject project;
    const Database to;
    project.psql("CREATE TABLE a (id int)");
    to.psql("CREATE TABLE b (id int); CREATE VIEW v AS SELECT id FROM b");
    project.configure(
        "diff: {include: [\"table:?\", \"view:v\"], exclude: [\"table:a\", \"table:audit_*\"]}\n");
    const Ran ran = project.project().dibs({"diff", "--to", to.url()});
    CHECK(ran.out.starts_with("+ table public.b\n+ view public.v\n"));
    CHECK_FALSE(contains(ran.out, "public.a"));
    INFO(ran.err);
    CHECK(contains(ran.err,
                   "warning: dibs.yaml:4:61: the pattern \"table:audit_*\" matches nothing, neither in "));
    CHECK(project.project().dibs({"diff", "--to", to.url(), "--json"}).out.starts_with("{"));
}

TEST_CASE("What needs something that dibs.yaml leaves out is not supported, and no statement is printed") {
    SqlProject project;
    project.wants("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (id int, m mood)");
    project.configure("diff: {exclude: [\"enum:mood\"]}\n");
    const Ran ran = project.diff({"--sql"});
    CHECK(ran.code == 1);
    CHECK(ran.out.empty());
    CHECK(contains(ran.err,
                   "not supported: column public.t.m needs enum public.mood, which dibs.yaml leaves out"));
}

TEST_CASE("A pattern of a kind that there is not is an error with its place") {
    SqlProject project;
    project.wants("");
    project.configure("diff: {exclude: [\"tables:mood\"]}\n");
    const Ran ran = project.diff();
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "dibs.yaml:4:18: there is no kind \"tables\" of objects"));
    CHECK(contains(ran.err, "Did you mean \"table\"?"));
}

TEST_CASE("A partition's trigger that is left out keeps the partitioned table's from being dropped") {
    SqlProject project;
    const std::string tables =
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
        "CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p "
        "FOR VALUES FROM (0) TO (9);";
    const std::string trigger = "CREATE TRIGGER a BEFORE INSERT ON p FOR EACH ROW EXECUTE FUNCTION f();";
    const Database to;
    project.psql(tables + trigger + "ALTER TABLE p1 DISABLE TRIGGER a");
    to.psql(tables);
    project.configure("diff: {exclude: [\"trigger:p1.a\"]}\n");
    const auto diff = [&] { return project.project().dibs({"diff", "--to", to.url(), "--exit-code"}); };
    const Ran dropped = diff();
    INFO(dropped.out << dropped.err);
    CHECK(dropped.code == 3);
    CHECK(contains(dropped.out,
                   "! not supported: trigger public.p1.a, which dibs.yaml leaves out (diff:), needs "
                   "trigger public.p.a, which is to go\n"));
    to.psql(trigger);
    CHECK(diff().code == 0);
}
