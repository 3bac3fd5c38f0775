#include <nlohmann/json.hpp>

#include "support/refusal.hpp"
#include "support/scratch_server.hpp"

using namespace dibs::tests;
using nlohmann::json;

namespace {

const char* const one = "m2026_01_01_000000_one";
const char* const two = "m2026_01_02_000000_two";
const char* const three = "m2026_01_03_000000_three";

std::string creates(const std::string& name) {
    return reversible_source("ctx.execute(\"CREATE TABLE " + name + " ()\");",
                             "ctx.execute(\"DROP TABLE " + name + "\");");
}

void fill(Project& project) {
    project.add_sources({{one, creates("one")}, {two, creates("two")}, {three, creates("three")}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
}

std::string applied(const Project& project) {
    return project.psql("SELECT string_agg(name, ' ' ORDER BY version) FROM _dibs_migrations");
}

std::string tables(const Project& project) {
    return project.psql("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = "
                        "'public'::regnamespace AND relkind = 'r' AND relname !~ '^_dibs_'");
}

std::string attempts(const Project& project) {
    return project.psql("SELECT string_agg(event || coalesce(' ' || split_part(version, '-', 2), ''), ', ' "
                        "ORDER BY id) FROM _dibs_attempts");
}

/// Refused, with nothing changed.
void check_nothing_runs(const Project& project, const std::vector<std::string>& words, int code,
                        const std::string& what, const std::string& what_to_do) {
    const std::string before = tables(project) + applied(project) + attempts(project);
    check_refused(project.dibs(words), code, what, what_to_do);
    CHECK(tables(project) + applied(project) + attempts(project) == before);
}

} // namespace

TEST_CASE("rollback undoes the last migration, or the last N of them, the newest first") {
    Project project;
    fill(project);
    Ran ran = project.dibs({"rollback"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Rolling back 1 migration on "));
    CHECK(contains(ran.out, "  1/1  2026_01_03_000000-three (rollback)"));
    CHECK(contains(ran.out, "1 migration rolled back, "));
    CHECK(applied(project) == "one two");
    CHECK(tables(project) == "one two");
    CHECK(project.dibs({"rollback", "2"}).code == 0);
    CHECK(tables(project).empty());
    CHECK(attempts(project) == "start, applied one, applied two, applied three, start, rolled back three, "
                               "start, rolled back two, rolled back one");
    ran = project.dibs({"rollback"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Nothing to roll back: 0 applied on "));
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(tables(project) == "one three two");
}

TEST_CASE("rollback --to undoes all that is newer") {
    Project project;
    fill(project);
    CHECK(project.dibs({"rollback", "--to", "2026_01_03"}).code == 0);
    CHECK(applied(project) == "one two three");
    CHECK(project.dibs({"rollback", "--to", "2026_01_01"}).code == 0);
    CHECK(applied(project) == "one");
    check_nothing_runs(project, {"rollback", "--to", "2026_01_02"}, 2,
                       "2026_01_02_000000-two is not applied, so it cannot stay the newest", "dibs status");
    check_nothing_runs(project, {"rollback", "--to", "2026_01_01_000000-oen"}, 2, "there is no migration",
                       "Did you mean \"2026_01_01_000000-one\"?");
    check_nothing_runs(project, {"rollback", "1", "--to", "2026_01_01"}, 2, "say two things", "Give one");
    check_nothing_runs(project, {"rollback", "2"}, 2, "only 1 migration is applied, not 2", "dibs status");
    check_nothing_runs(project, {"rollback", "0"}, 2, "'0' is no number of migrations", "`dibs rollback 2`");
}

TEST_CASE("what was applied last is rolled back first, also when it was out of order") {
    Project project;
    project.add_sources({{one, creates("one")}, {three, creates("three")}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add(two, creates("two"));
    REQUIRE(project.dibs({"migrate", "--allow-out-of-order"}).code == 0);
    const Ran ran = project.dibs({"redo"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "1/2  2026_01_02_000000-two (rollback)"));
    CHECK(project.psql("SELECT string_agg(name, ' ') FROM _dibs_migrations WHERE out_of_order") == "two");
    CHECK(project.dibs({"rollback"}).code == 0);
    CHECK(applied(project) == "one three");
}

TEST_CASE("one that cannot be rolled back is named before anything runs") {
    Project project;
    fill(project);
    SECTION("it has no rollback()") {
        project.add_body("m2026_01_04_000000_four", "");
        REQUIRE(project.dibs({"migrate"}).code == 0);
        check_nothing_runs(project, {"rollback", "2"}, 1, "2026_01_04_000000-four has no rollback()",
                           "Undo it by a new migration");
        check_nothing_runs(project, {"redo"}, 1, "2026_01_04_000000-four has no rollback()", "new migration");
        const json told = json::parse(project.dibs({"status", "--json"}).out).at("migrations");
        CHECK(told[2].at("reversible") == true);
        CHECK(told[3].at("reversible") == false);
    }
    SECTION("it was changed") {
        project.add_reversible(two, "", "ctx.execute(\"DROP TABLE one\");");
        check_nothing_runs(project, {"rollback", "3"}, 7,
                           "2026_01_02_000000-two was changed after it was applied",
                           "dibs repair 2026_01_02_000000-two");
        CHECK(project.dibs({"rollback"}).code == 0); // of the one that was not
        CHECK(applied(project) == "one two");
    }
    SECTION("its library is gone") {
        std::filesystem::remove(project.library(three));
        check_nothing_runs(project, {"rollback", "2"}, 7, "2026_01_03_000000-three has no library here",
                           "Build it");
        CHECK(json::parse(project.dibs({"status", "--json"}).out)
                  .at("migrations")[2]
                  .at("reversible")
                  .is_null());
    }
    SECTION("it is stale") {
        project.write(project.source(three), "edited");
        check_nothing_runs(project, {"rollback"}, 1, "2026_01_03_000000-three is stale",
                           "cmake --build build");
    }
    SECTION("it is in the history twice") {
        project.psql("INSERT INTO _dibs_migrations (version) VALUES ('m2026_01_03_000000_three')");
        check_nothing_runs(project, {"rollback"}, 7, "2026_01_03_000000-three is in the history twice",
                           "dibs repair 2026_01_03_000000-three");
    }
    SECTION("it was not run by dibs") {
        project.psql("UPDATE _dibs_migrations SET state = 'baseline' WHERE name = 'three'");
        check_nothing_runs(project, {"rollback"}, 1,
                           "2026_01_03_000000-three was recorded by `dibs baseline`", "new migration");
    }
}

TEST_CASE("a rollback of a migration whose comments were changed is done") {
    Project project;
    fill(project);
    project.add(three, "// a comment\n" + project.read(project.source(three)));
    CHECK(project.dibs({"rollback"}).code == 0);
    CHECK(tables(project) == "one two");
}

TEST_CASE("a rollback() that fails leaves its migration applied, and those before it rolled back") {
    Project project;
    project.add_sources(
        {{one, creates("one")},
         {two, reversible_source("ctx.execute(\"CREATE TABLE two ()\");",
                                 "ctx.execute(\"DROP TABLE two\");\nctx.execute(\"SELECT nope\");")},
         {three, creates("three")}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
    Ran ran = project.dibs({"rollback", "3"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "error: rollback() of 2026_01_02_000000-two failed\n"
                            "  42703: column \"nope\" does not exist\n"
                            "  at m2026_01_02_000000_two.cpp:20\n"));
    CHECK(contains(ran.err, "  rolled back; it is recorded as applied, as before\n"));
    CHECK(contains(ran.out, "1 rolled back, 1 failed, 1 not run"));
    CHECK(applied(project) == "one two");
    CHECK(tables(project) == "one two");
    CHECK(project.psql("SELECT sqlstate || ' ' || message FROM _dibs_attempts WHERE event = 'failed'") ==
          "42703 rollback(): column \"nope\" does not exist");
    ran = project.dibs({"rollback", "2", "--json"});
    CHECK(ran.code == 5);
    const json told = json::parse(ran.out);
    CHECK(told.at("rolled_back").empty());
    CHECK(told.at("remaining") == json{"2026_01_02_000000-two", "2026_01_01_000000-one"});
    CHECK_FALSE(told.contains("applied"));
    CHECK(told.at("failure").at("function") == "rollback");
    CHECK(told.at("failure").at("version") == "2026_01_02_000000-two");
}

TEST_CASE("rollback() is told apart by how it ends") {
    const auto [undo, code, what] = GENERATE(table<std::string, int, std::string>({
        {"throw std::runtime_error(\"no\");", 5, "failed: rollback() threw std::runtime_error"},
        {"std::abort();", 5, "failed: the process crashed with signal 6"},
        {"ctx.execute(\"DROP TABLE one\"); ctx.execute(\"" + unseen + "COMMIT\");", 6,
         "it committed its transaction itself, so what it did before is applied; it is recorded as "
         "applied"},
        {"ctx.execute(\"" + unseen + "COMMIT; BEGIN\");", 6, "the migration ended its own transaction"},
        {"try { ctx.execute(\"SELECT nope\"); } catch (const dibs::Error&) {}", 5,
         "caught this error and returned"},
    }));
    Project project;
    project.add_reversible(one, "ctx.execute(\"CREATE TABLE one ()\");", undo);
    REQUIRE(project.dibs({"migrate"}).code == 0);
    const Ran ran = project.dibs({"rollback"});
    INFO(undo << "\n" << ran.err);
    CHECK(ran.code == code);
    CHECK(contains(ran.err, "error: rollback() of 2026_01_01_000000-one failed"));
    CHECK(contains(ran.err, what));
    CHECK(applied(project) == "one");
}

TEST_CASE("a row that is gone when its rollback is to be recorded undoes that rollback") {
    Project project;
    const bool trigger = GENERATE(false, true);
    project.add_reversible(one, "ctx.execute(\"CREATE TABLE one ()\");",
                           trigger ? "ctx.execute(\"DROP TABLE one\");"
                                   : "ctx.execute(\"DROP TABLE one; DELETE FROM _dibs_migrations\");");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    if (trigger)
        project.psql(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE "
            "TRIGGER t BEFORE DELETE ON _dibs_migrations FOR EACH ROW EXECUTE FUNCTION f()");
    const Ran ran = project.dibs({"rollback"});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "its row is not in the history any more, or a trigger keeps it there"));
    CHECK(applied(project) == "one");
    CHECK(tables(project) == "one");
}

TEST_CASE("a rollback without a transaction is recorded when it is done, and is partly done when it fails") {
    Project project;
    project.add_sources(
        {{one, reversible_source("ctx.execute(\"CREATE TABLE one (i int)\");",
                                 "ctx.execute(\"DROP TABLE one\"); ctx.execute(\"VACUUM\");",
                                 ".transaction = false")},
         {two, reversible_source("ctx.execute(\"CREATE TABLE two (i int)\");",
                                 "ctx.execute(\"DROP TABLE two\"); throw 1;", ".transaction = false")}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
    check_nothing_runs(project, {"rollback", "--dry-run=execute"}, 2,
                       "2026_01_02_000000-two has no transaction, so it cannot be tried and rolled back",
                       "Do it in earnest");
    const Ran ran = project.dibs({"rollback", "2"});
    INFO(ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(
        ran.err, "it has no transaction, so what it did before stays; it is recorded as applied, as before"));
    CHECK(tables(project) == "one");
    CHECK(applied(project) == "one two");
    project.psql("CREATE TABLE two (); DELETE FROM _dibs_migrations WHERE name = 'two'");
    CHECK(project.dibs({"rollback"}).code == 0);
    CHECK(tables(project) == "two");
    CHECK(applied(project).empty());
}

TEST_CASE("a dry run of a rollback lists it, or tries it and changes nothing") {
    Project project;
    fill(project);
    const std::string before = tables(project) + applied(project) + attempts(project);
    Ran ran = project.dibs({"rollback", "2", "--dry-run"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Would roll back 2 migrations on "));
    CHECK(contains(ran.out, ":\n  2026_01_03_000000-three (rollback)\n  2026_01_02_000000-two (rollback)\n"));
    ran = project.dibs({"rollback", "2", "--dry-run=execute"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "2 migrations tried; nothing was changed"));
    ran = project.dibs({"redo", "2", "--dry-run=execute", "--json"});
    CHECK(ran.code == 0);
    CHECK(json::parse(ran.out).at("applied").size() == 2);
    CHECK(tables(project) + applied(project) + attempts(project) == before);
}

TEST_CASE("redo undoes and applies again, in one run") {
    Project project;
    fill(project);
    const Ran ran = project.dibs({"redo", "2"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Rolling back and applying again 2 migrations on "));
    CHECK(contains(ran.out, "  1/4  2026_01_03_000000-three (rollback)"));
    CHECK(contains(ran.out, "  3/4  2026_01_02_000000-two "));
    CHECK(contains(ran.out, "2 migrations rolled back and applied again, "));
    CHECK(applied(project) == "one two three");
    CHECK(tables(project) == "one three two");
    CHECK(attempts(project) ==
          "start, applied one, applied two, applied three, start, rolled back three, rolled "
          "back two, applied two, applied three");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations WHERE out_of_order") == "0");
}

TEST_CASE("a redo that fails says what is rolled back and not applied again") {
    Project project;
    project.psql("CREATE TABLE runs ()");
    project.add_sources(
        {{one, reversible_source("ctx.execute(\"INSERT INTO runs DEFAULT VALUES\");\nif (ctx.query("
                                 "\"SELECT FROM runs\").size() > 1) throw 1;",
                                 "")},
         {two, creates("two")}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
    Ran ran = project.dibs({"redo", "2"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.out, "2 rolled back, 0 applied, 1 failed, 1 not run"));
    CHECK(contains(ran.err, "error: 2026_01_01_000000-one failed: migrate() threw int"));
    CHECK(contains(ran.err, "Rolled back, and not applied again:\n  2026_01_01_000000-one\n  "
                            "2026_01_02_000000-two\n  `dibs migrate` applies it.\n"));
    CHECK(applied(project).empty());
    project.psql("TRUNCATE runs");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    ran = project.dibs({"redo", "2", "--json"});
    const json told = json::parse(ran.out);
    CHECK(told.at("rolled_back").size() == 2);
    CHECK(told.at("remaining").empty());
    CHECK(told.at("applied").empty());
    CHECK(told.at("pending") == json{"2026_01_01_000000-one", "2026_01_02_000000-two"});
}

TEST_CASE("a rollback gets its locks like a migration, and a second run waits for it") {
    Project project;
    fill(project);
    dibs::process::Child holder = dibs::process::spawn(
        {.argv = {server().binaries().program("psql"), "-Xq", "-d", project.database().url(), "-c", "BEGIN",
                  "-c", "LOCK TABLE three", "-c", "SELECT pg_sleep(60)"}});
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "wait_event = 'PgSleep'") == "1";
    }));
    dibs::process::Child run = project.start({"rollback", "--lock-timeout", "100ms"}, "run");
    REQUIRE(eventually([&] { return contains(project.read("run.out"), "no lock in time, held by"); }));
    const Ran other = project.dibs({"rollback", "--lock-wait", "100ms"});
    CHECK(other.code == 4);
    project.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                 "AND wait_event = 'PgSleep'");
    CHECK(run.wait().code == 0);
    holder.wait();
    CHECK(tables(project) == "one two");
    CHECK(project.psql("SELECT count(*) > 0 FROM _dibs_attempts WHERE event = 'retried' AND message LIKE "
                       "'rollback(): %'") == "t");
}

TEST_CASE("of two rollbacks at once the second finds another history, and undoes nothing more") {
    Project project;
    project.add_sources(
        {{one, creates("one")},
         {two, reversible_source("", "while (ctx.query(\"SELECT count(*) = 0 FROM pg_class WHERE "
                                     "relname = 'go'\").one().get<bool>(0)) {}")}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
    dibs::process::Child holder = project.start({"rollback"}, "holder");
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND "
                            "database = (SELECT oid FROM pg_database WHERE datname = current_database())") ==
               "1";
    }));
    dibs::process::Child waiter = project.start({"rollback"}, "waiter");
    REQUIRE(eventually([&] { return contains(project.read("waiter.out"), "Waiting for another run"); }));
    project.psql("CREATE TABLE go ()");
    CHECK(holder.wait().code == 0);
    CHECK(waiter.wait().code == 1);
    CHECK(contains(project.read("waiter.err"), "another run has changed the history meanwhile"));
    CHECK(applied(project) == "one");
}
