#include <catch2/catch.hpp>

#include <csignal>

#include "process/child.hpp"
#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;

// Each waits for the ten seconds after which dibs breaks its silence, so there are few.

TEST_CASE("of a statement that takes long dibs says what it waits for, and who is in the way") {
    Project project;
    project.psql("CREATE TABLE busy ()");
    project.add_body(
        "m2026_01_01_000000_waits",
        "ctx.execute(\"SELECT pg_sleep(11)\");\nctx.execute(\"ALTER TABLE busy ADD COLUMN i int\");",
        ".lock_timeout = \"1h\"");
    const auto psql = dibs::tests::server().binaries().program("psql");
    const auto holder = dibs::process::spawn(
        {.argv = {psql, "-Xq", "-d", project.database().conninfo() + " application_name=shop", "-c", "BEGIN",
                  "-c", "LOCK TABLE busy", "-c", "SELECT pg_sleep(120)"}});
    auto run = project.start({"migrate"}, "run");
    CHECK(eventually(
        [&] { return contains(project.read("run.out"), " has run for 10 s (Timeout: PgSleep)\n"); },
        std::chrono::seconds(30)));
    CHECK(contains(project.read("run.out"),
                   "2026_01_01_000000-waits\n       the statement at m2026_01_01_000000_waits.cpp:"));
    CHECK(eventually(
        [&] { return contains(project.read("run.out"), " has waited for a lock for 10 s, held by pid "); },
        std::chrono::seconds(30)));
    INFO(project.read("run.out"));
    CHECK(contains(project.read("run.out"), "(shop, active for "));
    project.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'shop' AND "
                 "datname = current_database()");
    CHECK(run.wait().code == 0);
}

TEST_CASE("with --json what a long COMMIT waits for is in the document and nowhere else") {
    Project project;
    project.psql(
        "CREATE TABLE t (); CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM "
        "pg_sleep(11); RETURN NULL; END'; CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE "
        "INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()");
    project.add_body("m2026_01_01_000000_commits", "ctx.execute(\"INSERT INTO t DEFAULT VALUES\");");
    const Ran ran = project.dibs({"migrate", "--json"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "\"2026_01_01_000000-commits: COMMIT has run for 10 s (Timeout: PgSleep)\""));
    CHECK(ran.err.empty());
}

TEST_CASE("a transaction that kept everybody from a table for over a second says so at its end") {
    Project project;
    project.psql("CREATE TABLE users (id int); CREATE TABLE read_only (id int)");
    project.add_body(
        "m2026_01_01_000000_holds",
        "ctx.execute(\"CREATE TABLE fresh ()\"); ctx.execute(\"SELECT count(*) FROM read_only\"); "
        "ctx.execute(\"ALTER TABLE users ADD COLUMN bio text\"); ctx.execute(\"SELECT pg_sleep(2)\");");
    project.add_body(
        "m2026_01_02_000000_is_quick",
        "ctx.execute(\"SELECT pg_sleep(2)\"); ctx.execute(\"ALTER TABLE users DROP COLUMN bio\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "2026_01_01_000000-holds\n       kept everybody from public.users for "));
    CHECK_FALSE(contains(ran.out, "fresh"));
    CHECK_FALSE(contains(ran.out, "read_only"));
    const std::size_t second = ran.out.find("2026_01_02_000000-is_quick");
    REQUIRE(second != std::string::npos);
    CHECK_FALSE(contains(ran.out.substr(second), "kept everybody"));
}
