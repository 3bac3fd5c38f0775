#include <csignal>

#include "process/child.hpp"
#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::process::Child;
using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;

namespace {

/// A migration that is applied, then one with this body, then one that must not begin.
void fill(Project& project, const std::string& body) {
    project.add_bodies({{"m2026_01_01_000000_first", "ctx.execute(\"CREATE TABLE first ()\");"},
                        {"m2026_01_02_000000_second", body},
                        {"m2026_01_03_000000_third", "ctx.execute(\"CREATE TABLE gone ()\");"}});
}

bool runs(const Project& project, const std::string& sql) {
    return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state "
                        "= 'active' "
                        "AND pid <> pg_backend_pid() AND query LIKE '%" +
                        sql + "%'") != "0";
}

/// Nothing of the run is left on the server.
void check_stopped(const Project& project) {
    CHECK(project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                       "pg_backend_pid() AND backend_type = 'client backend'") == "0");
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

} // namespace

TEST_CASE("a signal cancels the statement on the server, rolls back, and ends the run") {
    const int signal = GENERATE(SIGINT, SIGTERM);
    Project project;
    fill(project, "ctx.execute(\"CREATE TABLE gone ()\"); ctx.execute(\"SELECT pg_sleep(60)\");");
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return runs(project, "pg_sleep"); }));
    kill(run.pid(), signal);
    CHECK(run.wait().code == 128 + signal);
    check_stopped(project);
    CHECK(contains(project.read("run.err"), signal == SIGINT
                                                ? "2026_01_02_000000-second failed: interrupted (SIGINT)"
                                                : "2026_01_02_000000-second failed: told to end (SIGTERM)"));
    CHECK(contains(project.read("run.err"), "rolled back; nothing was recorded"));
    CHECK(contains(project.read("run.out"), "Interrupted: 1 applied, 2 not, "));
    CHECK(project.psql("SELECT string_agg(version, ' ') FROM _dibs_migrations") == "2026_01_01_000000-first");
}

TEST_CASE("a migration that catches the cancelled statement's error cannot go on") {
    Project project;
    fill(project, "for (;;) try { ctx.savepoint([&] { ctx.execute(\"SELECT pg_sleep(60)\"); }); } "
                  "catch (const dibs::Error&) { ctx.execute(\"CREATE TABLE gone ()\"); }");
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return runs(project, "pg_sleep"); }));
    kill(run.pid(), SIGINT);
    CHECK(run.wait().code == 130);
    check_stopped(project);
}

TEST_CASE("a statement that lives through being cancelled is cancelled again, which is told") {
    // Three seconds of it at least: a request may be seen twice, as the postmaster signals the backend and
    // its group (signal_child() in postmaster.c).
    Project project;
    fill(project,
         "ctx.execute(\"CREATE TABLE gone ()\"); ctx.execute(\"DO $$ BEGIN FOR i IN 1..9 LOOP BEGIN PERFORM "
         "pg_sleep(60); EXCEPTION WHEN query_canceled THEN RAISE NOTICE 'not yet'; END; END LOOP; PERFORM "
         "pg_sleep(60); END $$\");");
    Child run = project.start({"migrate"}, "run");
    // In the block that catches it: before that, it would be the end of the whole statement.
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "wait_event = 'PgSleep'") == "1";
    }));
    kill(run.pid(), SIGINT);
    CHECK(run.wait().code == 130);
    check_stopped(project);
    INFO(project.read("run.out"));
    CHECK(contains(
        project.read("run.out"),
        "the statement at m2026_01_02_000000_second.cpp:15 was cancelled and has not ended yet; dibs "
        "asks again each second. Another Ctrl-C ends dibs and leaves it to the server"));
    CHECK(contains(project.read("run.err"), "rolled back; nothing was recorded"));
}

TEST_CASE("a signal ends a migration that computes") {
    Project project;
    fill(project, "ctx.execute(\"CREATE TABLE gone ()\"); for (;;) {}");
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] {
        return project.psql(
                   "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = "
                   "current_database()") == "1";
    }));
    kill(run.pid(), SIGTERM);
    CHECK(run.wait().code == 143);
    check_stopped(project);
}

TEST_CASE("a signal that meets a COMMIT lets it end: what is applied is recorded") {
    Project project;
    fill(
        project,
        "ctx.execute(\"CREATE TABLE t (i int); CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN PERFORM pg_sleep(1); RETURN NEW; END $$; CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow(); INSERT INTO t VALUES (1)\");");
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "wait_event = 'PgSleep'") == "1";
    }));
    kill(run.pid(), SIGINT);
    CHECK(run.wait().code == 130);
    check_stopped(project);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "2");
    CHECK(contains(project.read("run.out"), "Interrupted: 2 applied, 1 not, "));
}

TEST_CASE("a signal ends a run that waits for another") {
    Project project;
    fill(project, "ctx.execute(\"SELECT pg_sleep(60)\");");
    Child first = project.start({"migrate"}, "first");
    REQUIRE(eventually([&] { return runs(project, "pg_sleep"); }));
    Child second = project.start({"migrate"}, "second");
    REQUIRE(eventually([&] { return contains(project.read("second.out"), "Waiting for another run"); }));
    kill(second.pid(), SIGINT);
    CHECK(second.wait().code == 130);
    CHECK(contains(project.read("second.err"), "interrupted (SIGINT)"));
    kill(first.pid(), SIGINT);
    CHECK(first.wait().code == 130);
    check_stopped(project);
}
