#include <csignal>

#include "process/child.hpp"
#include "support/holder.hpp"
#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

const char* const stem = "m2026_01_01_000000_steps";
const char* const version = "2026_01_01_000000-steps";

/// Three steps: the middle one fails, or sleeps, until the table `gate` is gone.
void add_steps(Project& project, const std::string& middle) {
    project.psql("CREATE TABLE gate (); CREATE TABLE log (line text)");
    project.add_body(stem, R"cpp(
    ctx.step("first", [&] { ctx.execute("INSERT INTO log VALUES ('first')"); });
    ctx.step("second", [&] {
        ctx.execute("INSERT INTO log VALUES ('second')");
        const bool open = ctx.query("SELECT to_regclass('gate') IS NULL").one().get<bool>(0);
        if (!open) {
            )cpp" + middle + R"cpp(
        }
    });
    ctx.step("third", [&] { ctx.execute("INSERT INTO log VALUES ('third')"); });
    )cpp",
                     ".transaction = false");
}

std::string logged(const Project& project) {
    return project.psql("SELECT string_agg(line, ' ' ORDER BY ctid) FROM log");
}

std::string done(const Project& project) {
    return project.psql("SELECT string_agg(step, ' ' ORDER BY done_at) FROM _dibs_steps");
}

void check_goes_on(const Project& project, const std::vector<std::string>& words = {"migrate"}) {
    project.psql("DROP TABLE gate");
    const Ran ran = project.dibs(words);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "1/1  " + std::string(version) + "\n       an earlier run, begun on "));
    CHECK(contains(ran.out, " UTC, did not get to its end: going on from there\n"
                            "       step \"first\" was done by an earlier run, on "));
    CHECK(contains(ran.out, "step \"second\" done, "));
    CHECK(contains(ran.out, "step \"third\" done, "));
    CHECK(logged(project) == "first second second third");
    CHECK(done(project) == "first second third");
    CHECK(project.psql("SELECT version FROM _dibs_migrations") == version);
    CHECK(contains(project.dibs({"status"}).out, "applied  " + std::string(version)));
}

bool sleeps(const Project& project) {
    return project.psql(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event "
               "= 'PgSleep'") == "1";
}

void end_sleep(const Project& project) {
    project.psql("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = "
                 "current_database() AND wait_event = 'PgSleep'");
}

} // namespace

TEST_CASE("a migration without a transaction goes on after its last step that is done") {
    Project project;
    add_steps(project, "ctx.execute(\"SELECT 1 / 0\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.out, "1/1  " + std::string(version) + "\n       step \"first\" done, "));
    CHECK(contains(ran.err,
                   "error: 2026_01_01_000000-steps failed in step \"second\"\n  22012: division by zero\n"));
    CHECK(contains(ran.err,
                   "  it has no transaction, so what it did stays: \"first\" is done; `dibs migrate` goes "
                   "on from there\n"));
    CHECK(done(project) == "first");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    CHECK(project.psql("SELECT string_agg(event, ' ' ORDER BY id) FROM _dibs_attempts WHERE version IS NOT "
                       "NULL") == "start interrupted");

    const Ran status = project.dibs({"status", "--exit-code"});
    INFO(status.out);
    CHECK(status.code == 3);
    CHECK(contains(status.out, "interrupted  2026_01_01_000000-steps\n  begun on "));
    CHECK(contains(status.out, " UTC\n  step \"first\" done on "));
    CHECK(contains(status.out, "0 applied, 1 pending on "));
    CHECK(contains(status.out,
                   "\ninterrupted: begun, and what it did before it stopped stays. `dibs migrate` "
                   "goes on after its last step that is done, or begins it again where none is.\n"));
    const Ran json = project.dibs({"status", "--json"});
    CHECK(contains(json.out, "\"state\": \"interrupted\""));
    CHECK(contains(json.out,
                   "\"steps\": [\n        {\n          \"name\": \"first\",\n          \"done_at\": \"20"));
    CHECK(contains(project.dibs({"migrate", "--dry-run"}).out,
                   "  2026_01_01_000000-steps  (no transaction; interrupted: goes on after \"first\")\n"));
    SECTION("once what stopped it is mended") {
        check_goes_on(project);
    }
    SECTION("and stops there again while it is not, in one process as well") {
        const Ran again = project.dibs({"migrate", "--in-process"});
        CHECK(again.code == 6);
        CHECK(contains(again.out, "step \"first\" was done by an earlier run, on "));
        CHECK(contains(again.err, "failed in step \"second\""));
        CHECK(logged(project) == "first second second");
        project.psql("DELETE FROM log WHERE ctid = (SELECT ctid FROM log ORDER BY ctid DESC LIMIT 1)");
        check_goes_on(project, {"migrate", "--in-process"});
    }
    SECTION("which --json tells too") {
        const Ran again = project.dibs({"migrate", "--json"});
        INFO(again.out);
        CHECK(again.code == 6);
        CHECK(contains(again.out,
                       "\"steps\": [\n    {\n      \"version\": \"2026_01_01_000000-steps\",\n      "
                       "\"step\": \"first\",\n      \"duration_us\": null,\n      \"done_at\": \"20"));
        CHECK(contains(again.out, "\"step\": \"second\",\n    \"steps_done\": [\n      \"first\"\n    ],"));
        project.psql("DROP TABLE gate");
        const Ran last = project.dibs({"migrate", "--json"});
        CHECK(contains(last.out, "\"step\": \"third\",\n      \"duration_us\": "));
        CHECK(contains(last.out, "\"failure\": null"));
    }
    SECTION("unless it is forgotten what is done") {
        project.psql("DROP TABLE gate; DELETE FROM _dibs_steps");
        CHECK(project.dibs({"migrate"}).code == 0);
        CHECK(logged(project) == "first second first second third");
    }
}

TEST_CASE("a runner that is killed in a step leaves a migration that the next one goes on with") {
    Project project;
    add_steps(project, "ctx.execute(\"SELECT pg_sleep(60)\");");
    dibs::process::Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return sleeps(project); }));
    CHECK(contains(project.dibs({"status"}).out, "running  2026_01_01_000000-steps\n  begun on "));
    kill(run.pid(), SIGKILL);
    run.wait();
    const Ran killed = project.dibs({"status"}); // the server has not noticed, and has the lock
    CHECK(contains(killed.out, "running  2026_01_01_000000-steps\n"));
    CHECK(contains(killed.out, "\nrunning: a run is at it, or the session of one that was killed."));
    end_sleep(project);
    CHECK(contains(project.dibs({"status"}).out, "interrupted  2026_01_01_000000-steps\n"));
    CHECK(project.psql("SELECT string_agg(event, ' ' ORDER BY id) FROM _dibs_attempts WHERE version IS NOT "
                       "NULL") == "start");
    check_goes_on(project);
}

TEST_CASE("a worker that dies in a step is told with the step and with what is done") {
    Project project;
    add_steps(project, "std::raise(SIGKILL);");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(
        ran.err, "2026_01_01_000000-steps failed in step \"second\": the process was killed with signal 9"));
    CHECK(contains(ran.err, "\"first\" is done; `dibs migrate` goes on from there"));
    check_goes_on(project);
}

TEST_CASE("a connection that is cut in a step is told with the step and with what is done") {
    Project project;
    add_steps(project, "ctx.execute(\"SELECT pg_terminate_backend(pg_backend_pid())\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "failed in step \"second\": the connection to the server was lost"));
    CHECK(contains(ran.err, "\"first\" is done; `dibs migrate` goes on from there"));
    CHECK(contains(project.dibs({"status"}).out, "interrupted  2026_01_01_000000-steps\n"));
    check_goes_on(project);
}

TEST_CASE("a signal in a step stops the run and keeps what is done") {
    Project project;
    add_steps(project, "ctx.execute(\"SELECT pg_sleep(60)\");");
    dibs::process::Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return sleeps(project); }));
    kill(run.pid(), SIGTERM);
    CHECK(run.wait().code == 143);
    CHECK(contains(project.read("run.err"), "failed in step \"second\": told to end (SIGTERM)"));
    CHECK(contains(project.read("run.err"), "\"first\" is done; `dibs migrate` goes on from there"));
    check_goes_on(project);
}

TEST_CASE("a step that has come to its end when a signal comes is recorded") {
    Project project;
    project.add_body(stem,
                     "ctx.step(\"first\", [&] { ctx.execute(\"CREATE TABLE t ()\"); std::raise(SIGINT); });\n"
                     "ctx.step(\"second\", [] {});",
                     ".transaction = false");
    const Ran ran = project.dibs({"migrate", "--in-process"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 130);
    CHECK(done(project) == "first");
}

TEST_CASE("a migration without a transaction and without steps begins again") {
    Project project;
    project.psql("CREATE TABLE gate ()");
    project.add_body(stem,
                     "ctx.execute(\"CREATE TABLE IF NOT EXISTS t ()\"); ctx.execute(\"DROP TABLE nothing\");",
                     ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.err,
                   "it has no transaction, so what it did before stays; `dibs migrate` runs it again from "
                   "its beginning\n"));
    CHECK(contains(project.dibs({"status"}).out, "interrupted  2026_01_01_000000-steps\n"));
    CHECK(contains(project.dibs({"migrate", "--dry-run"}).out,
                   "(no transaction; interrupted: begins again)\n"));
    project.psql("CREATE TABLE nothing ()");
    const Ran again = project.dibs({"migrate"});
    CHECK(again.code == 0);
    CHECK(contains(again.out, " did not get to its end: from the beginning\n"));
}

TEST_CASE("an interrupted migration whose library and source are gone is shown and stops no other") {
    Project project;
    add_steps(project, "ctx.execute(\"SELECT 1 / 0\");");
    REQUIRE(project.dibs({"migrate"}).code == 6);
    std::filesystem::remove(project.library(stem));
    std::filesystem::remove(project.source(stem));
    const Ran status = project.dibs({"status", "--exit-code"});
    CHECK(status.code == 7);
    CHECK(contains(status.out, "interrupted  2026_01_01_000000-steps\n"));
    CHECK(contains(status.out, "0 applied, 0 pending on "));
    project.add_body("m2026_01_02_000000_next", "");
    CHECK(contains(project.dibs({"migrate", "--dry-run"}).out, "Would apply 1 migration "));
    CHECK(project.dibs({"migrate"}).code == 0);
}

TEST_CASE("a step that an older source has done stays done, with a warning") {
    Project project;
    add_steps(project, "ctx.execute(\"SELECT 1 / 0\");");
    REQUIRE(project.dibs({"migrate"}).code == 6);
    project.add_body(
        stem, "ctx.step(\"first\", [&] { ctx.execute(\"DROP TABLE log\"); }); ctx.step(\"other\", [] {});",
        ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(
        contains(ran.out, "warning: the source was changed since, and the step \"first\" is not run again"));
    CHECK(done(project) == "first other");
    CHECK(logged(project) == "first second");
}

TEST_CASE("a step that an older source has done and this one does not have is told of") {
    Project project;
    add_steps(project, "ctx.execute(\"SELECT 1 / 0\");");
    REQUIRE(project.dibs({"migrate"}).code == 6);
    project.add_body(stem, "ctx.step(\"renamed\", [] {});", ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "warning: an earlier run has done \"first\", which this one has not come to"));
}

TEST_CASE("a step is recorded with the rights of the run and leaves the role that the migration has set") {
    Project project;
    const std::string role = "dibs_step_" + project.database().name();
    project.psql("CREATE ROLE " + role);
    project.add_body(
        stem,
        "ctx.step(\"first\", [&] { ctx.execute(\"SET ROLE " + role +
            "; SET default_transaction_read_only = on; SET search_path = pg_catalog\"); });\n"
            "ctx.log(ctx.query(\"SELECT current_user || ' ' || current_setting('search_path')\")."
            "one().get<std::string>(0));",
        ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    project.psql("DROP ROLE " + role);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, role + " pg_catalog\n"));
    CHECK(project.psql("SELECT step, applied_by = current_user FROM _dibs_steps") == "first|t");
}

TEST_CASE(
    "a migration that frees the migration lock in a step has it back, or is stopped when another has it") {
    Project project;
    project.add_body(stem, R"cpp(
    const char* const lock = "(SELECT (classid::int8 << 32) | objid::int8 AS key FROM pg_locks WHERE locktype = "
                             "'advisory' AND pid = pg_backend_pid())";
    ctx.step("first", [&] { ctx.execute("SELECT pg_advisory_unlock_all()"); });
    ctx.step("second", [&] {
        ctx.execute(std::string("CREATE TABLE lock AS ") + lock);
        ctx.execute("SELECT pg_advisory_unlock_all()");
        try { ctx.execute("SELECT pg_sleep(60)"); } catch (const dibs::Error&) {}
    });
    ctx.step("third", [] {});
    )cpp",
                     ".transaction = false");
    dibs::process::Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return sleeps(project); }));
    CHECK(project.psql("SELECT count(*) FROM lock") == "1"); // it was back after the first step
    const dibs::tests::Holder other(project, "SELECT pg_advisory_lock(key) FROM lock");
    project.psql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
                 "application_name = 'dibs' AND wait_event = 'PgSleep'");
    CHECK(run.wait().code == 6);
    INFO(project.read("run.err"));
    CHECK(contains(project.read("run.err"), "another run has the migration lock now"));
    CHECK(done(project) == "first second");
}

TEST_CASE("what was interrupted is shown to a role that may only read, or said to be hidden from it") {
    Project project;
    add_steps(project, "ctx.execute(\"SELECT 1 / 0\");");
    REQUIRE(project.dibs({"migrate"}).code == 6);
    const std::string role = "dibs_reads_" + project.database().name();
    project.psql("CREATE ROLE " + role + " LOGIN; GRANT SELECT ON _dibs_migrations TO " + role);
    const std::vector<std::string> words{"status", "--database-url",
                                         project.database().conninfo() + " user=" + role};
    const Ran hidden = project.dibs(words);
    project.psql("GRANT SELECT ON _dibs_attempts, _dibs_steps TO " + role);
    const Ran shown = project.dibs(words);
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
    CHECK(hidden.code == 0);
    CHECK(contains(hidden.out, "pending  2026_01_01_000000-steps"));
    CHECK(contains(hidden.err, "warning: this role may not read _dibs_attempts and _dibs_steps"));
    CHECK(shown.code == 0);
    CHECK(contains(shown.out, "interrupted  2026_01_01_000000-steps"));
    CHECK(shown.err.empty());
}

TEST_CASE("a run that has nothing to do takes two round trips, steps or not") {
    Project project;
    add_steps(project, "ctx.execute(\"SELECT 1 / 0\");");
    project.psql("DROP TABLE gate");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    CHECK(contains(project.dibs({"migrate", "--json"}).out, "\"round_trips\": 2\n"));
}

TEST_CASE("the steps of a history elsewhere are beside it") {
    Project project;
    project.write("dibs.yaml", project.read("dibs.yaml") + "history:\n  schema: ops\n  table: applied\n");
    project.add_body(stem, "ctx.step(\"first\", [] {});", ".transaction = false");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT version, step FROM ops.applied_steps") == "2026_01_01_000000-steps|first");
}
