#include "migration/hints.hpp"
#include "migration/plan.hpp"
#include "plugin/checksum.hpp"
#include "report/failure.hpp"

using dibs::history::Applied;
using dibs::migration::make_plan;
using dibs::migration::Plan;
using dibs::migration::State;
using dibs::plugin::Library;
using dibs::plugin::NamedFile;
using dibs::plugin::Version;

namespace {

Version version(const std::string& day, const std::string& name) {
    return *Version::parse("2026_01_" + day + "_000000-" + name);
}

Library library(const Version& version, const std::string& checksum) {
    return {version, version.stem() + ".so", {}, {}, "", checksum, 0};
}

Applied applied(const std::string& recorded, const std::string& checksum) {
    Applied row;
    row.recorded = recorded;
    row.version = Version::parse(recorded);
    row.checksum = checksum;
    row.checksum_algorithm = checksum.empty() ? "" : dibs::plugin::checksum_algorithm;
    return row;
}

std::string states(const Plan& plan) {
    std::string text;
    for (const auto& entry : plan.entries)
        text +=
            entry.label() + ":" + std::string(name_of(entry.state())) + (entry.out_of_order ? "!" : "") + " ";
    return text;
}

} // namespace

TEST_CASE("the plan joins libraries, sources and history by version") {
    const Plan plan =
        make_plan({library(version("01", "a"), "x"), library(version("02", "b"), "new"),
                   library(version("05", "e"), "x"), library(version("03", "c"), "x")},
                  std::vector<NamedFile>{{version("06", "f"), "f.cpp"}, {version("01", "a"), "a.cpp"}},
                  {applied("2026_01_01_000000-a", "x"), applied("m2026_01_02_000000_b", "old"),
                   applied("20260104000000-d", "x"), applied("strange", "")});
    CHECK(states(plan) ==
          "strange:foreign 2026_01_01_000000-a:applied 2026_01_02_000000-b:changed "
          "2026_01_03_000000-c:pending! "
          "2026_01_04_000000-d:missing 2026_01_05_000000-e:pending 2026_01_06_000000-f:not built ");
    CHECK(plan.applied_count() == 4);
    CHECK(plan.pending_count() == 3);
}

TEST_CASE("what was begun and is not applied is interrupted, or running while its run is at it") {
    Plan plan = make_plan({library(version("01", "a"), "x"), library(version("02", "b"), "x"),
                           library(version("03", "c"), "x"), library(version("05", "e"), "x")},
                          std::vector<NamedFile>{{version("06", "f"), "f.cpp"}},
                          {applied("2026_01_01_000000-a", "x")});
    plan.entries.at(3).stale = true;
    std::vector<dibs::history::Unfinished> unfinished;
    for (const char* const recorded :
         {"2026_01_01_000000-a", "2026_01_02_000000-b", "2026_01_03_000000-c", "2026_01_04_000000-d",
          "2026_01_05_000000-e", "2026_01_06_000000-f", "strange"}) {
        unfinished.push_back(
            {recorded, Version::parse(recorded), "2026-01-07T00:00:00Z", {}, false, false, {}});
        unfinished.back().running = unfinished.size() == 3;
    }
    add_unfinished(plan, unfinished);
    CHECK(states(plan) ==
          "2026_01_01_000000-a:applied 2026_01_02_000000-b:interrupted 2026_01_03_000000-c:running "
          "2026_01_04_000000-d:interrupted 2026_01_05_000000-e:stale 2026_01_06_000000-f:not built ");
    CHECK(plan.applied_count() == 1);
    CHECK(plan.pending_count() == 4); // of 04 there is nothing here that could be run
    CHECK_FALSE(plan.entries.at(0).unfinished);
}

TEST_CASE("a row without a checksum, or with one of another algorithm, cannot be called changed") {
    Applied other = applied("2026_01_02_000000-b", "old");
    other.checksum_algorithm = "blake3";
    const Plan plan = make_plan({library(version("01", "a"), "x"), library(version("02", "b"), "x")},
                                std::nullopt, {applied("20260101000000-a", ""), other});
    CHECK(states(plan) == "2026_01_01_000000-a:applied 2026_01_02_000000-b:applied ");
}

TEST_CASE("of two rows of one version the one that says more counts") {
    const auto counted = [](Applied a, Applied b) {
        const Plan plan = make_plan({}, std::nullopt, {std::move(a), std::move(b)});
        REQUIRE(plan.entries.size() == 1);
        REQUIRE(plan.entries.front().also_recorded_as.size() == 1);
        return plan.entries.front().applied->recorded + " not " +
               plan.entries.front().also_recorded_as.front();
    };
    const Applied bare = applied("m2026_01_01_000000_a", "");
    const Applied full = applied("2026_01_01_000000-a", "x");
    CHECK(counted(bare, full) == "2026_01_01_000000-a not m2026_01_01_000000_a");
    CHECK(counted(full, bare) == "2026_01_01_000000-a not m2026_01_01_000000_a");
    Applied retired = full;
    retired.state = "retired";
    CHECK(counted(retired, bare) == "m2026_01_01_000000_a not 2026_01_01_000000-a");
    CHECK(counted(bare, retired) == "m2026_01_01_000000_a not 2026_01_01_000000-a");
}

TEST_CASE("a version is found by its start when only one begins so") {
    const Plan plan = make_plan({library(version("01", "create"), ""), library(version("01", "other"), ""),
                                 library(version("02", "x"), "")},
                                std::nullopt, {});
    const auto found = [&](std::string_view text) {
        return dibs::migration::find_version(plan, text).label();
    };
    CHECK(found("2026_01_02") == "2026_01_02_000000-x");
    CHECK(found("m2026_01_01_000000_create") == "2026_01_01_000000-create");
    CHECK(found("20260101000000-other") == "2026_01_01_000000-other");
    CHECK_THROWS_AS(found("2026_01_01"), dibs::report::Failure);
    CHECK_THROWS_AS(found(""), dibs::report::Failure);
    CHECK_THROWS_AS(found("2027"), dibs::report::Failure);
    const Plan foreign = make_plan({library(version("01", "a"), "")}, std::nullopt, {applied("custom", "")});
    CHECK_THROWS_AS(dibs::migration::find_version(foreign, "custom"), dibs::report::Failure);
}

TEST_CASE("hints are given where PostgreSQL has none, and only for what they are about") {
    const auto hint = [](const char* sqlstate, const char* message, const char* sql) {
        dibs::database::Message said;
        said.sqlstate = sqlstate;
        said.message = message;
        return dibs::migration::hint_for(said, sql);
    };
    CHECK(hint("42601", "syntax error at or near \"LIMIT\"", "update t set x = 1 limit 5")
              .find("WHERE id IN") != std::string::npos);
    CHECK(hint("42601", "syntax error at or near \"LIMIT\"", "SELECT LIMIT").empty());
    CHECK(hint("42601", R"(syntax error at or near "\")", "\\set x 1\nSELECT 1").find("a command of psql") !=
          std::string::npos);
    CHECK(
        hint("42601", R"(syntax error at or near "1")", "COPY t FROM stdin;\n1\t2\n").find("ctx.copy_in()") !=
        std::string::npos);
    CHECK(hint("42601", "syntax error at or near \"\xEF\xBB\xBF\"", "").find("byte order mark") !=
          std::string::npos);
    CHECK(hint("25001", "VACUUM cannot run inside a transaction block", "VACUUM")
              .find(".transaction = false") != std::string::npos);
    CHECK_FALSE(hint("55P04", "", "").empty());
    CHECK_FALSE(hint("55P03", "", "").empty());
    CHECK(hint("42703", "column \"x\" does not exist", "SELECT x").empty());
}
