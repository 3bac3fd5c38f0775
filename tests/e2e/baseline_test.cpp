#include <nlohmann/json.hpp>

#include "support/refusal.hpp"

using namespace dibs::tests;
using nlohmann::json;

namespace {

void fill(Project& project) {
    project.add_bodies({{"m2026_01_01_000000_first", "ctx.execute(\"CREATE TABLE first ()\");"},
                        {"m2026_01_02_000000_second", "ctx.execute(\"CREATE TABLE second ()\");"},
                        {"m2026_01_03_000000_third", "ctx.execute(\"CREATE TABLE third ()\");"}});
}

std::string rows(const Project& project) {
    return project.psql(
        "SELECT string_agg(name || ' ' || state, ', ' ORDER BY version) FROM _dibs_migrations");
}

} // namespace

TEST_CASE("a baseline marks what is there, runs nothing of it, and migrate goes on from there") {
    Project project;
    fill(project);
    project.psql("CREATE TABLE first (); CREATE TABLE second ()");
    Ran ran = project.dibs({"baseline", "2026_01_02_000000-second"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(ran.out.starts_with("  2026_01_01_000000-first\n  2026_01_02_000000-second\n"
                              "2 migrations marked as applied, and not run, on "));
    CHECK(rows(project) == "first baseline, second baseline");
    CHECK(project.psql("SELECT bool_and(checksum IS NOT NULL AND duration_ms IS NULL AND source IS NOT NULL) "
                       "FROM _dibs_migrations") == "t");
    CHECK(project.psql("SELECT string_agg(event || coalesce(' ' || version, ''), ', ' ORDER BY id) FROM "
                       "_dibs_attempts") ==
          "start, baseline 2026_01_01_000000-first, baseline 2026_01_02_000000-second");
    CHECK(contains(project.dibs({"status"}).out, "baseline  2026_01_02_000000-second"));
    CHECK(project.dibs({"migrate", "--strict"}).code == 0);
    CHECK(rows(project) == "first baseline, second baseline, third applied");
    CHECK(project.psql("SELECT to_regclass('third') IS NULL") == "f");
    CHECK(project.dibs({"status", "--exit-code", "--strict"}).code == 0);
}

TEST_CASE("a baseline can be moved on, and said twice, until a migration was applied") {
    Project project;
    fill(project);
    CHECK(json::parse(project.dibs({"baseline", "2026_01_01", "--json"}).out).at("marked") ==
          json{"2026_01_01_000000-first"});
    CHECK(project.dibs({"baseline", "2026_01_02"}).code == 0);
    const Ran ran = project.dibs({"baseline", "2026_01_02"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "0 migrations marked"));
    CHECK(rows(project) == "first baseline, second baseline");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    check_refused(
        project.dibs({"baseline", "2026_01_03"}), 7,
        "this database has a history that was not begun by `dibs baseline`:\n  2026_01_03_000000-third",
        "Nothing was changed.");
    CHECK(rows(project) == "first baseline, second baseline, third applied");
}

TEST_CASE("a baseline of something that is not here, not built or stale is refused before the first change") {
    Project project;
    fill(project);
    check_refused(project.dibs({"baseline", "2026_01_02_000000-secnd"}), 2, "there is no migration",
                  "Did you mean \"2026_01_02_000000-second\"?");
    check_refused(project.dibs({"baseline"}), 2, "VERSION is missing", "Usage: dibs baseline VERSION");
    project.write(project.source("m2026_01_01_000000_first"), source_around("// edited"));
    check_refused(project.dibs({"baseline", "2026_01_02"}), 1, "2026_01_01_000000-first is stale",
                  "cmake --build build");
    std::filesystem::remove(project.library("m2026_01_01_000000_first"));
    check_refused(project.dibs({"baseline", "2026_01_02"}), 1, "2026_01_01_000000-first is not built",
                  "cmake --build build");
    CHECK(untouched(project));
}

TEST_CASE("a baseline on the history of another program is refused") {
    Project project;
    fill(project);
    project.psql("CREATE TABLE _dibs_migrations (version text PRIMARY KEY, applied_at timestamptz NOT NULL "
                 "DEFAULT now()); INSERT INTO _dibs_migrations VALUES ('m2026_01_01_000000_first')");
    check_refused(project.dibs({"baseline", "2026_01_02"}), 7, "was not begun by `dibs baseline`",
                  "`dibs migrate` applies what is pending");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
    CHECK(project.psql("SELECT to_regclass('_dibs_attempts') IS NULL") == "t");
}
