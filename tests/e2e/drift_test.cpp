#include "support/refusal.hpp"
#include "support/scratch_server.hpp"

using namespace dibs::tests;

namespace {

const char* const first = "m2026_01_01_000000_first";
const char* const second = "m2026_01_02_000000_second";
const char* const third = "m2026_01_03_000000_third";

/// Three migrations, the first two of which are applied.
void fill(Project& project) {
    project.add_bodies({{first, "ctx.execute(\"CREATE TABLE first ()\");"}, {second, ""}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add_body(third, "ctx.execute(\"CREATE TABLE third ()\");");
}

void forget(const Project& project, const std::string& stem) {
    std::filesystem::remove(project.library(stem));
    std::filesystem::remove(project.source(stem));
}

/// `migrate` refuses to go on, and nothing is changed; without anything to apply it warns of the same, unless
/// it is strict.
void check_stands_in_the_way(Project& project, const std::string& what, const std::string& command) {
    check_refused(project.dibs({"migrate"}), 7, what, command);
    check_refused(project.dibs({"migrate", "--dry-run"}), 7, what, "Nothing was changed.");
    CHECK(project.psql("SELECT to_regclass('third') IS NULL") == "t");
    CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'start'") == "1");
    CHECK(project.dibs({"status", "--exit-code"}).code == 3);
    forget(project, third);
    Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.err, "warning: " + what));
    CHECK(contains(ran.err, command));
    CHECK(contains(ran.out, "Nothing to do"));
    check_refused(project.dibs({"migrate", "--strict"}), 7, what, command);
    ran = project.dibs({"status", "--exit-code"});
    CHECK(ran.code == 7);
    CHECK(contains(ran.out, what));
    CHECK(contains(ran.out, command));
}

/// `migrate` applies what is pending and warns; only when it is strict it refuses.
void check_is_warned_of(Project& project, const std::string& what, const std::string& command) {
    check_refused(project.dibs({"migrate", "--strict"}), 7, what, command);
    CHECK(project.psql("SELECT to_regclass('third') IS NULL") == "t");
    Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.err, "warning: " + what));
    CHECK(contains(ran.err, command));
    CHECK(project.psql("SELECT to_regclass('third') IS NULL") == "f");
    ran = project.dibs({"status", "--exit-code"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, what));
    CHECK(contains(ran.out, command));
    CHECK(project.dibs({"status", "--strict"}).code == 7);
    ran = project.dibs({"verify"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "warning: " + what));
    CHECK(contains(ran.out, "no errors, 1 warning"));
    CHECK(project.dibs({"verify", "--strict"}).code == 7);
    project.write("dibs.yaml", project.read("dibs.yaml") + "strict: true\n");
    check_refused(project.dibs({"migrate"}), 7, what, command);
    CHECK(project.dibs({"status"}).code == 7);
    CHECK(project.dibs({"verify"}).code == 7);
}

} // namespace

TEST_CASE("drift: nothing is applied on top of a migration that was changed") {
    Project project;
    fill(project);
    project.add_body(first, "ctx.execute(\"CREATE TABLE first (i int)\");");
    check_stands_in_the_way(project, "2026_01_01_000000-first was changed after it was applied\n",
                            "accept it: dibs repair 2026_01_01_000000-first");
}

TEST_CASE("drift: nothing is applied on top of a migration that was lost") {
    Project project;
    fill(project);
    forget(project, first);
    check_stands_in_the_way(project, "2026_01_01_000000-first is applied, but there is no library of it\n",
                            "dibs repair 2026_01_01_000000-first");
}

TEST_CASE("drift: of a migration that was changed in comments only it is warned") {
    Project project;
    fill(project);
    project.add(first, "// a comment\n\n" + project.read(project.source(first)));
    check_is_warned_of(
        project,
        "2026_01_01_000000-first was changed after it was applied, in comments or white space only\n",
        "Accept it: dibs repair 2026_01_01_000000-first");
}

TEST_CASE("drift: a comment in SQL is part of the migration") {
    Project project;
    project.add_body(first, "ctx.execute(R\"(SELECT 1 -- one\n)\");");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add_body(first, "ctx.execute(R\"(SELECT 1 -- two\n)\");");
    check_refused(project.dibs({"migrate", "--strict"}), 7, "first was changed after it was applied\n",
                  "dibs repair");
}

TEST_CASE("drift: where the history has no source, nobody can say that only comments were changed") {
    Project project;
    fill(project);
    project.add(first, "// a comment\n" + project.read(project.source(first)));
    project.psql("UPDATE _dibs_migrations SET source = NULL");
    check_refused(project.dibs({"migrate"}), 7, "first was changed after it was applied\n", "dibs repair");
    project.psql("ALTER TABLE _dibs_migrations DROP COLUMN source"); // as an older dibs left it
    check_refused(project.dibs({"migrate"}), 7, "first was changed after it was applied\n", "dibs repair");
    CHECK(contains(project.dibs({"repair"}).out, "the history has no source of it to compare with"));
}

TEST_CASE("drift: of a migration of another program that has no library here it is warned") {
    Project project;
    project.psql("CREATE TABLE _dibs_migrations (version text PRIMARY KEY, applied_at timestamptz NOT NULL "
                 "DEFAULT now()); INSERT INTO _dibs_migrations VALUES ('20251231235959-ancient')");
    project.add_body(third, "ctx.execute(\"CREATE TABLE third ()\");");
    check_is_warned_of(
        project, "2025_12_31_235959-ancient was applied by another program, and there is no library of it\n",
        "dibs repair 2025_12_31_235959-ancient");
}

TEST_CASE("drift: of a row that is no migration's version it is warned") {
    Project project;
    fill(project);
    project.psql("INSERT INTO _dibs_migrations (version) VALUES ('v1; DROP')");
    check_is_warned_of(project, "v1; DROP is in the history, and is no migration's version\n",
                       "dibs repair 'v1; DROP'");
}

TEST_CASE("drift: of a migration that is in the history twice it is warned") {
    Project project;
    fill(project);
    project.psql("INSERT INTO _dibs_migrations (version) VALUES ('m2026_01_01_000000_first')");
    check_is_warned_of(project,
                       "2026_01_01_000000-first is in the history twice (as 2026_01_01_000000-first and as "
                       "m2026_01_01_000000_first)\n",
                       "dibs repair 2026_01_01_000000-first");
}

TEST_CASE("drift: an old release on a database that a newer one has migrated does no harm, and says so") {
    Project project;
    fill(project);
    REQUIRE(project.dibs({"migrate"}).code == 0);
    forget(project, third);
    const std::string what = "2026_01_03_000000-third is applied, and newer than all that is here\n";
    Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.err, "warning: " + what + "  Use the release that applied it (--dir)"));
    CHECK(contains(ran.out, "Nothing to do: 3 applied"));
    check_refused(project.dibs({"migrate", "--strict"}), 7, what, "dibs repair 2026_01_03_000000-third");
    ran = project.dibs({"status", "--exit-code"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "newer    2026_01_03_000000-third"));
    CHECK(project.dibs({"status", "--strict"}).code == 7);

    SECTION("and what is pending there is out of order") {
        project.add_body("m2026_01_02_120000_late", "ctx.execute(\"CREATE TABLE late ()\");");
        check_refused(project.dibs({"migrate"}), 7,
                      "older than 2026_01_03_000000-third, which is applied already:\n  "
                      "2026_01_02_120000-late",
                      "--allow-out-of-order");
        CHECK(project.psql("SELECT to_regclass('late') IS NULL") == "t");
        CHECK(project.dibs({"migrate", "--allow-out-of-order"}).code == 0);
        CHECK(project.psql("SELECT out_of_order FROM _dibs_migrations WHERE name = 'late'") == "t");
    }
    SECTION("and one that was renamed to be older is told") {
        project.add(second, project.read(project.source(second)));
        project.psql("UPDATE _dibs_migrations SET version = '2026_02_01_000000-was' WHERE name = 'second'");
        CHECK(contains(project.dibs({"status"}).out,
                       "2026_02_01_000000-was (2026_01_02_000000-second, which is pending, has the same "
                       "source: was it renamed?)"));
    }
}

TEST_CASE("drift: a migration that was renamed after it was applied is not run again") {
    Project project;
    fill(project);
    const std::string source = project.read(project.source(first));
    forget(project, first);
    project.add("m2026_01_04_000000_renamed", source);
    check_refused(
        project.dibs({"migrate"}), 7,
        "2026_01_01_000000-first is applied, but there is no library of it (2026_01_04_000000-renamed, "
        "which is pending, has the same source: was it renamed?)",
        "Nothing was changed.");
    CHECK(project.psql("SELECT to_regclass('third') IS NULL") == "t");
}

TEST_CASE("drift: several that disagree are all named, each with what resolves it") {
    Project project;
    fill(project);
    project.add_body(first, "ctx.log(\"\");");
    forget(project, second);
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 7);
    CHECK(contains(ran.err,
                   "error: 2026_01_01_000000-first was changed after it was applied\n  Undo the edit"));
    CHECK(contains(ran.err, "dibs repair 2026_01_01_000000-first\n2026_01_02_000000-second is applied, but "
                            "there is no library of it\n"));
    CHECK(contains(ran.err, "dibs repair 2026_01_02_000000-second\n  Nothing was changed.\n"));
}

TEST_CASE("drift: a build that is out of date is told before what follows from it") {
    Project project;
    fill(project);
    project.add_body(first, "ctx.log(\"\");");
    project.write(project.source(third), source_around("// not built"));
    check_refused(project.dibs({"migrate"}), 1, "2026_01_03_000000-third is stale", "cmake --build build");
}

TEST_CASE(
    "drift: what another run applies meanwhile, from another source, stands in the way under the lock") {
    Project project;
    project.add_bodies({{first, "while (ctx.query(\"SELECT count(*) = 0 FROM pg_class WHERE relname = "
                                "'go'\").one().get<bool>(0)) {}"},
                        {second, "ctx.execute(\"CREATE TABLE second ()\");"}});
    dibs::process::Child holder = project.start({"migrate", "--to", "2026_01_01"}, "holder");
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND "
                            "database = (SELECT oid FROM pg_database WHERE datname = current_database())") ==
               "1";
    }));
    project.add_body(first, "ctx.log(\"changed meanwhile\");");
    dibs::process::Child waiter = project.start({"migrate"}, "waiter");
    REQUIRE(eventually([&] { return contains(project.read("waiter.out"), "Waiting for another run"); }));
    project.psql("CREATE TABLE go ()");
    CHECK(holder.wait().code == 0);
    CHECK(waiter.wait().code == 7);
    CHECK(contains(project.read("waiter.err"), "2026_01_01_000000-first was changed after it was applied"));
    CHECK(project.psql("SELECT to_regclass('second') IS NULL") == "t");
}
