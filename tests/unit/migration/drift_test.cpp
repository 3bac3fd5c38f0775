#include "migration/drift.hpp"

#include "plugin/checksum.hpp"
#include "support/text.hpp"

using dibs::history::Applied;
using dibs::migration::Disagreement;
using dibs::migration::Drift;
using dibs::migration::find_drift;
using dibs::migration::make_plan;
using dibs::migration::Plan;
using dibs::migration::resolution;
using dibs::migration::sentence;
using dibs::plugin::Library;
using dibs::plugin::Version;
using dibs::tests::contains;

namespace {

Library library(const std::string& label, const std::string& checksum) {
    const Version version = *Version::parse(label);
    return {version, version.stem() + ".so", {}, {}, "", checksum, 0};
}

Applied applied(const std::string& recorded, const std::string& checksum,
                std::string_view state = "applied") {
    Applied row;
    row.recorded = recorded;
    row.version = Version::parse(recorded);
    row.checksum = checksum;
    row.checksum_algorithm = checksum.empty() ? "" : dibs::plugin::checksum_algorithm;
    row.state = state;
    return row;
}

std::string told(const Plan& plan) {
    std::string text;
    for (const Disagreement& drift : find_drift(plan)) {
        text += std::string(name_of(drift.kind)) + ":";
        for (const auto& drifted : drift.migrations)
            text += " " + drifted.version + (drifted.remark.empty() ? "" : " (" + drifted.remark + ")");
        text += "\n";
    }
    return text;
}

const char* const one = "2026_01_01_000000-one";
const char* const two = "2026_01_02_000000-two";
const char* const three = "2026_01_03_000000-three";

} // namespace

TEST_CASE("each way to disagree is told apart") {
    CHECK(told(make_plan({library(one, "x")}, std::nullopt, {applied(one, "x")})).empty());
    CHECK(told(make_plan({library(one, "new")}, std::nullopt, {applied(one, "old")})) ==
          "changed: 2026_01_01_000000-one\n");
    CHECK(told(make_plan({library(two, "x")}, std::nullopt, {applied(one, "y")})) ==
          "missing: 2026_01_01_000000-one\n");
    CHECK(told(make_plan({library(two, "x")}, std::nullopt, {applied(one, "")})) ==
          "taken over: 2026_01_01_000000-one\n");
    CHECK(told(make_plan({library(one, "x")}, std::nullopt, {applied(one, "x"), applied(two, "y")})) ==
          "newer: 2026_01_02_000000-two\n");
    CHECK(told(make_plan({library(one, "x")}, std::nullopt, {applied("custom", "")})) == "foreign: custom\n");
    CHECK(told(make_plan({library(one, "x")}, std::nullopt,
                         {applied(one, "x"), applied("m2026_01_01_000000_one", "")})) ==
          "recorded twice: 2026_01_01_000000-one (as 2026_01_01_000000-one and as m2026_01_01_000000_one)\n");
}

TEST_CASE("with nothing here nothing is newer, and with a source alone something is here") {
    CHECK(told(make_plan({}, std::nullopt, {applied(one, "x")})) == "missing: 2026_01_01_000000-one\n");
    const std::vector<dibs::plugin::NamedFile> sources{{*Version::parse(one), "one.cpp"}};
    CHECK(told(make_plan({}, sources, {applied(one, "x"), applied(two, "y")})) ==
          "missing: 2026_01_01_000000-one (its source is one.cpp)\nnewer: 2026_01_02_000000-two\n");
}

TEST_CASE("what was baselined or retired is as it should be, until its library says otherwise") {
    CHECK(told(make_plan({library(one, "x"), library(three, "x")}, std::nullopt,
                         {applied(one, "x", "baseline"), applied(two, "y", "retired"),
                          applied("old", "", "retired")}))
              .empty());
    CHECK(told(make_plan({library(one, "new")}, std::nullopt, {applied(one, "x", "baseline")})) ==
          "changed: 2026_01_01_000000-one\n");
    CHECK(told(make_plan({library(one, "new")}, std::nullopt, {applied(one, "x", "retired")})) ==
          "changed: 2026_01_01_000000-one\n");
    CHECK(told(make_plan({library(two, "x")}, std::nullopt, {applied(one, "x", "baseline")})) ==
          "missing: 2026_01_01_000000-one (2026_01_02_000000-two, which is pending, has the same source: was "
          "it "
          "renamed?)\n");
}

TEST_CASE("only what was changed or lost stands in the way, and with --strict everything does") {
    for (const Drift kind : {Drift::changed, Drift::only_comments, Drift::missing, Drift::taken_over,
                             Drift::newer, Drift::foreign, Drift::recorded_twice}) {
        INFO(name_of(kind));
        const bool lost = kind == Drift::changed || kind == Drift::missing;
        CHECK(is_refused(kind, false) == lost);
        CHECK(is_refused(kind, true));
        const std::vector<Disagreement> drift{{kind, {{one, ""}}}};
        CHECK(refusal(drift, false).has_value() == lost);
        CHECK(refusal(drift, true)->code() == dibs::report::ExitCode::disagreement);
        CHECK(contains(resolution(drift.front()), std::string(": dibs repair ") + one));
    }
    CHECK_FALSE(dibs::migration::refusal({}, true));
}

TEST_CASE("several that disagree in one way are listed, many are counted") {
    Disagreement drift{Drift::missing, {{one, ""}, {two, "why"}}};
    CHECK(sentence(drift) == "2 migrations are applied, but there are no libraries of them:\n  "
                             "2026_01_01_000000-one\n  2026_01_02_000000-two (why)");
    CHECK(contains(resolution(drift), "dibs repair 2026_01_01_000000-one 2026_01_02_000000-two"));
    drift.migrations.resize(12, {three, ""});
    CHECK(contains(sentence(drift), "12 migrations"));
    CHECK(contains(sentence(drift), "and 2 more, which `dibs verify` lists"));
    CHECK(contains(resolution(drift), "dibs repair VERSION..."));
}

TEST_CASE("a row that a shell would misread is quoted in the command that resolves it") {
    CHECK(
        contains(resolution(Disagreement{Drift::foreign, {{"it's; rm", ""}}}), "dibs repair 'it'\\''s; rm'"));
    CHECK(contains(resolution(Disagreement{Drift::foreign, {{"", ""}}}), "dibs repair ''"));
}
