#include <csignal>

#include <nlohmann/json.hpp>

#include "process/child.hpp"
#include "support/refusal.hpp"
#include "support/scratch_server.hpp"

using namespace dibs::tests;
using nlohmann::json;

namespace {

const char* const stem = "m2026_01_01_000000_steps";
const char* const version = "2026_01_01_000000-steps";

std::string step(const std::string& name, const std::string& then = "") {
    return "ctx.step(\"" + name + "\", [&] { ctx.execute(\"INSERT INTO log VALUES ('" + name + "')\"); " +
           then + " });\n";
}

/// Applied: two steps, and three that undo them, of which the middle one runs `blocked` while the table
/// `gate` is there.
void fill(Project& project, const std::string& blocked) {
    project.psql("CREATE TABLE gate (); CREATE TABLE log (line text)");
    project.add(stem, reversible_source(
                          step("make") + step("fill"),
                          step("empty") +
                              step("drop", "if (!ctx.query(\"SELECT to_regclass('gate') IS NULL\").one()"
                                           ".get<bool>(0)) { " +
                                               blocked + " }") +
                              step("fill"), // of the same name as one of the way there
                          ".transaction = false"));
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.psql("TRUNCATE log");
}

std::string logged(const Project& project) {
    return project.psql("SELECT string_agg(line, ' ' ORDER BY ctid) FROM log");
}

std::string steps(const Project& project) {
    return project.psql("SELECT string_agg(split_part(version, '-', 2) || ' ' || step, ', ' ORDER BY "
                        "done_at) FROM _dibs_steps");
}

std::string applied(const Project& project) {
    return project.psql("SELECT string_agg(name, ' ' ORDER BY version) FROM _dibs_migrations");
}

bool sleeps(const Project& project) {
    return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                        "wait_event = 'PgSleep'") == "1";
}

void end_sleep(const Project& project) {
    project.psql("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = "
                 "current_database() AND wait_event = 'PgSleep'");
}

/// The first step of rollback() is done, the second one is not.
void check_half_undone(Project& project) {
    CHECK(applied(project) == "steps");
    CHECK(steps(project) == "steps make, steps fill, steps (rollback) empty");
    const Ran status = project.dibs({"status", "--exit-code"});
    INFO(status.out);
    CHECK(status.code == 3);
    CHECK(contains(status.out, "rollback interrupted  " + std::string(version)));
    CHECK(contains(status.out, "\n  rollback() begun on "));
    CHECK(contains(status.out, " UTC\n  step \"empty\" of rollback() done on "));
    CHECK(contains(status.out, "1 applied, 0 pending on "));
    CHECK(contains(status.out, "\nrollback interrupted: rollback() was begun, "));
    const json told = json::parse(project.dibs({"status", "--json"}).out).at("migrations").at(0);
    CHECK(told.at("state") == "rollback interrupted");
    CHECK(told.at("begun_at").is_string());
    CHECK(told.at("steps").size() == 1);
    CHECK(contains(project.dibs({"rollback", "--dry-run"}).out,
                   "steps (rollback)  (no transaction; interrupted: goes on after \"empty\")\n"));
}

void check_goes_on(Project& project) {
    project.psql("DROP TABLE gate");
    const Ran ran = project.dibs({"rollback"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, " UTC, did not get to its end: going on from there\n"
                            "       step \"empty\" was done by an earlier run, on "));
    CHECK(contains(ran.out, "step \"drop\" done, "));
    CHECK(logged(project) == "empty drop drop fill");
    CHECK(applied(project).empty());
    CHECK(steps(project).empty());
    const Ran status = project.dibs({"status"});
    CHECK(contains(status.out, "pending  " + std::string(version)));
    CHECK_FALSE(contains(status.out, "step "));
}

} // namespace

TEST_CASE("a rollback without a transaction goes on after its last step that is done") {
    Project project;
    fill(project, "ctx.execute(\"SELECT 1 / 0\");");
    const Ran ran = project.dibs({"rollback"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.out, "step \"empty\" done, "));
    CHECK(contains(ran.err, "error: rollback() of " + std::string(version) + " failed in step \"drop\"\n"));
    CHECK(contains(ran.err, "it has no transaction, so what it did stays: \"empty\" is done; `dibs rollback` "
                            "goes on from there\n"));
    check_half_undone(project);
    check_goes_on(project);
}

TEST_CASE("a runner that is killed in a step of rollback() leaves one that the next one goes on with") {
    Project project;
    fill(project, "ctx.execute(\"SELECT pg_sleep(60)\");");
    dibs::process::Child run = project.start({"rollback"}, "run");
    REQUIRE(eventually([&] { return sleeps(project); }));
    const Ran status = project.dibs({"status"});
    CHECK(contains(status.out, "rolling back  " + std::string(version)));
    CHECK(contains(status.out, "step \"empty\" of rollback() done on "));
    kill(run.pid(), SIGKILL);
    run.wait();
    end_sleep(project);
    REQUIRE(eventually([&] { return !sleeps(project); }));
    check_half_undone(project);
    check_goes_on(project);
}

TEST_CASE("Ctrl-C in a step of rollback() leaves one that the next one goes on with") {
    Project project;
    fill(project, "ctx.execute(\"SELECT pg_sleep(60)\");");
    dibs::process::Child run = project.start({"rollback"}, "run");
    REQUIRE(eventually([&] { return sleeps(project); }));
    kill(run.pid(), SIGINT);
    CHECK(run.wait().code == 130);
    check_half_undone(project);
    check_goes_on(project);
}

TEST_CASE("a migration that was rolled back runs all of its steps again") {
    Project project;
    fill(project, "");
    CHECK(steps(project) == "steps make, steps fill");
    Ran ran = project.dibs({"rollback"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(logged(project) == "empty drop fill"); // not passed over for the step of migrate() of that name
    CHECK(steps(project).empty());
    project.psql("TRUNCATE log");
    SECTION("by migrate") {
        CHECK(project.dibs({"migrate"}).code == 0);
        CHECK(logged(project) == "make fill");
    }
    SECTION("by redo, in one run") {
        REQUIRE(project.dibs({"migrate"}).code == 0);
        project.psql("TRUNCATE log");
        ran = project.dibs({"redo"});
        INFO(ran.out << ran.err);
        CHECK(ran.code == 0);
        CHECK(logged(project) == "empty drop fill make fill");
        CHECK_FALSE(contains(ran.out, "earlier run"));
    }
    CHECK(steps(project) == "steps make, steps fill");
    CHECK(applied(project) == "steps");
    CHECK(contains(project.dibs({"status"}).out, "applied  " + std::string(version)));
}

TEST_CASE("a redo goes on with a rollback() that was interrupted, and is gone on with by migrate") {
    Project project;
    fill(project, "ctx.execute(\"SELECT 1 / 0\");");
    CHECK(project.dibs({"redo"}).code == 6);
    check_half_undone(project);
    project.psql("DROP TABLE gate");
    const Ran ran = project.dibs({"redo"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(logged(project) == "empty drop drop fill make fill");
    CHECK(steps(project) == "steps make, steps fill");
}

TEST_CASE("nothing is applied on top of a migration that is rolled back in part") {
    Project project;
    fill(project, "ctx.execute(\"SELECT 1 / 0\");");
    REQUIRE(project.dibs({"rollback"}).code == 6);
    CHECK(project.dibs({"migrate"}).code == 0); // there is nothing to do
    const std::string by_hand =
        "DELETE FROM _dibs_steps WHERE version = '2026_01_01_000000-steps (rollback)'; "
        "INSERT INTO _dibs_attempts (run, event, version, runner_version) VALUES ('by "
        "hand', 'repaired', '2026_01_01_000000-steps', '')";
    project.add_body("m2026_01_02_000000_next", "ctx.execute(\"CREATE TABLE next ()\");");
    check_refused(project.dibs({"migrate"}), 7,
                  std::string(version) +
                      " is rolled back in part: its rollback() has no transaction, and did "
                      "not get to its end",
                  "Let it: `dibs rollback`. Or, where you have mended it by hand: " + by_hand);
    check_refused(project.dibs({"migrate", "--dry-run"}), 7, "is rolled back in part", "dibs rollback");
    CHECK(project.psql("SELECT to_regclass('next') IS NULL") == "t");
    SECTION("until it is mended by hand") {
        project.psql(by_hand);
        CHECK_FALSE(contains(project.dibs({"status"}).out, "rollback interrupted"));
        CHECK(project.dibs({"migrate"}).code == 0);
        CHECK(applied(project) == "steps next");
    }
    SECTION("or rolled back, which the newer one is no hindrance to") {
        check_goes_on(project);
    }
}

TEST_CASE("nothing is applied on top of a migration whose rollback() without steps stopped half-way") {
    const std::string one = "2026_01_01_000000-one";
    Project project;
    project.add_reversible("m2026_01_01_000000_one",
                           "ctx.execute(\"CREATE TABLE log (); CREATE TABLE one ()\");",
                           "ctx.execute(\"DROP TABLE IF EXISTS log\"); ctx.execute(\"DROP TABLE one\");",
                           ".transaction = false");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.psql("CREATE VIEW hinders AS SELECT FROM one");
    const Ran ran = project.dibs({"rollback"});
    REQUIRE(ran.code == 6);
    CHECK(contains(ran.err, "so what it did before stays; it is recorded as applied, as before, and `dibs "
                            "rollback` runs it again from its beginning"));
    project.add_body("m2026_01_02_000000_next", "ctx.execute(\"CREATE TABLE next ()\");");
    const std::string by_hand =
        "INSERT INTO _dibs_attempts (run, event, version, runner_version) VALUES ('by "
        "hand', 'repaired', '" +
        one + "', '')";
    check_refused(project.dibs({"migrate"}), 7, one + " is rolled back in part", by_hand);
    CHECK(project.psql("SELECT to_regclass('next') IS NULL") == "t");
    SECTION("until it is mended by hand") {
        project.psql(by_hand);
    }
    SECTION("or rolled back") {
        project.psql("DROP VIEW hinders");
        REQUIRE(project.dibs({"rollback"}).code == 0);
    }
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT to_regclass('next') IS NOT NULL") == "t");
}

TEST_CASE("nothing is rolled back beneath a migration that was interrupted") {
    Project project;
    project.psql("CREATE TABLE gate (); CREATE TABLE log (line text)");
    project.add_sources(
        {{"m2026_01_01_000000_one", reversible_source("", "ctx.execute(\"DROP TABLE log\");")},
         {"m2026_01_02_000000_two",
          reversible_source(step("make") + step("fill",
                                                "if (!ctx.query(\"SELECT to_regclass('gate') IS NULL\")"
                                                ".one().get<bool>(0)) ctx.execute(\"SELECT 1 / 0\");"),
                            step("empty"), ".transaction = false")}});
    REQUIRE(project.dibs({"migrate"}).code == 6);
    const std::vector<std::string> words =
        GENERATE(std::vector<std::string>{"rollback"}, std::vector<std::string>{"redo"},
                 std::vector<std::string>{"rollback", "--dry-run"});
    check_refused(project.dibs(words), 7,
                  "2026_01_02_000000-two was begun and did not get to its end, and what it did stays",
                  "Let it (`dibs migrate`), and roll it back then");
    CHECK(applied(project) == "one");
    CHECK(contains(project.dibs({"status"}).out, "interrupted  2026_01_02_000000-two"));
    if (words.size() > 1)
        return;
    SECTION("it is let get to its end") {
        project.psql("DROP TABLE gate");
        CHECK(project.dibs({"migrate"}).code == 0);
        CHECK(project.dibs(words).code == 0);
        CHECK(applied(project) == (words.front() == "redo" ? "one two" : "one"));
    }
    SECTION("or it is given up") {
        std::filesystem::remove(project.library("m2026_01_02_000000_two"));
        std::filesystem::remove(project.source("m2026_01_02_000000_two"));
        CHECK(project.dibs({"rollback"}).code == 0);
        CHECK(applied(project).empty());
    }
}
