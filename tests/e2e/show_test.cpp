#include <nlohmann/json.hpp>

#include "support/refusal.hpp"

using namespace dibs::tests;
using nlohmann::json;

namespace {

const char* const first = "m2026_01_01_000000_first";

} // namespace

TEST_CASE("show prints what the library was built from, whatever the source says now, and asks no database") {
    Project project;
    project.add_body(first, "ctx.log(\"built\");");
    const std::string built = project.read(project.source(first));
    project.write(project.source(first), "edited");
    project.write(project.library("m2026_01_02_000000_broken"), "no library"); // none of its business
    project.write("dibs.yaml", "");
    for (const char* const version : {"2026_01_01_000000-first", first, "2026_01_01"}) {
        const Ran ran = project.dibs({"show", version});
        INFO(ran.err);
        CHECK(ran.code == 0);
        CHECK(ran.out == built);
        CHECK(ran.err.empty());
    }
    const json told = json::parse(project.dibs({"show", first, "--json"}).out);
    CHECK(told.at("version") == "2026_01_01_000000-first");
    CHECK(told.at("from") == "library");
    CHECK(told.at("library") == project.library(first).string());
    CHECK(told.at("source") == built);
    check_refused(project.dibs({"show", "2026_01_02"}), 1, "not a shared library",
                  "build the migrations again");
    check_refused(project.dibs({"show", "2026_01_01_000000-frist"}), 2, "there is no migration",
                  "Did you mean \"2026_01_01_000000-first\"?");
    project.write(project.source("m2026_01_03_000000_fresh"), "");
    check_refused(project.dibs({"show", "2026_01_03"}), 1, "2026_01_03_000000-fresh is not built",
                  "cmake --build build");
}

TEST_CASE("show prints what was applied, when asked for it or when no library is here") {
    Project project;
    project.add_body(first, "ctx.log(\"applied\");");
    const std::string applied = project.read(project.source(first));
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add_body(first, "ctx.log(\"changed\");");
    CHECK(project.dibs({"show", first}).out == project.read(project.source(first)));
    CHECK(project.dibs({"show", first, "--stored"}).out == applied);
    std::filesystem::remove_all(project.folder() / "build/migrations");
    std::filesystem::remove_all(project.folder() / "migrations");
    CHECK(project.dibs({"show", "2026_01_01"}).out == applied);
    CHECK(json::parse(project.dibs({"show", "2026_01_01", "--json"}).out).at("from") == "history");
    project.psql("UPDATE _dibs_migrations SET source = NULL");
    check_refused(project.dibs({"show", "2026_01_01"}), 1,
                  "the history has no source of 2026_01_01_000000-first",
                  "It was recorded by a program that keeps none");
    project.psql("DELETE FROM _dibs_migrations");
    check_refused(project.dibs({"show", "2026_01_01"}), 2, "there is no migration '2026_01_01'",
                  "dibs status");
}

TEST_CASE("show --stored of what was never applied says so") {
    Project project;
    project.add_body(first, "");
    check_refused(project.dibs({"show", first, "--stored"}), 1,
                  "2026_01_01_000000-first is not applied, so the history has no source of it",
                  "`dibs show 2026_01_01_000000-first` shows the source of its library");
    CHECK(untouched(project));
}
