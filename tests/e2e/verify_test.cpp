#include <nlohmann/json.hpp>

#include "support/refusal.hpp"

using namespace dibs::tests;
using nlohmann::json;

namespace {

std::string bytes(const Project& project, const std::string& stem) {
    return project.read(project.library(stem));
}

} // namespace

TEST_CASE("verify finds nothing wrong with a project that is as it should be, and writes nothing") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_one", ""}, {"m2026_01_02_000000_two", ""}});
    Ran ran = project.dibs({"verify", "--load"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(ran.out.starts_with("2 libraries, 0 applied, 2 pending on "));
    CHECK(ran.out.ends_with(": no errors\n"));
    CHECK(untouched(project));
    REQUIRE(project.dibs({"migrate"}).code == 0);
    const json told = json::parse(project.dibs({"verify", "--json"}).out);
    CHECK(told.at("libraries") == 2);
    CHECK(told.at("applied") == 2);
    CHECK(told.at("pending") == 0);
    CHECK(told.at("problems").empty());
    CHECK(contains(told.at("database").get<std::string>(), project.database().name()));
}

TEST_CASE("verify lists everything that is wrong, not only the first") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_changed", ""},
                        {"m2026_01_02_000000_lost", ""},
                        {"m2026_01_03_000000_damaged", ""},
                        {"m2026_01_05_000000_applied", ""}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add_body("m2026_01_01_000000_changed", "ctx.log(\"\");");
    for (const auto& path :
         {project.library("m2026_01_02_000000_lost"), project.source("m2026_01_02_000000_lost")})
        std::filesystem::remove(path);
    const std::string whole = bytes(project, "m2026_01_03_000000_damaged");
    project.write(project.library("m2026_01_03_000000_damaged"), whole.substr(0, whole.size() / 2));
    project.add_body("m2026_01_04_000000_late", "");
    project.add_body("m2026_02_01_000000_stale", "");
    project.write(project.source("m2026_02_01_000000_stale"), source_around("// edited"));
    project.write(project.source("m2026_02_02_000000_unbuilt"), source_around(""));
    std::filesystem::copy(project.library("m2026_01_04_000000_late"),
                          project.library("m2026_02_03_000000_copied"));
    project.write(project.library("m2026_13_01_000000_no_month"), "");
    project.write(project.source("m2026_99_01_000000_no_month"), "");
    const std::string before = project.psql("SELECT count(*) FROM _dibs_attempts");

    Ran ran = project.dibs({"verify", "--json"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 7);
    std::vector<std::string> told;
    const json problems = json::parse(ran.out).at("problems");
    for (const json& problem : problems) {
        const json& version = problem.at("version");
        told.push_back(problem.at("kind").get<std::string>() + " " +
                       (version.is_null() ? "-" : version.get<std::string>()));
        CHECK(problem.at("severity") == "error");
        CHECK_FALSE(problem.at("message").get<std::string>().empty());
        CHECK_FALSE(problem.at("hint").get<std::string>().empty());
    }
    std::sort(told.begin(), told.end());
    CHECK(told == std::vector<std::string>{
                      "changed 2026_01_01_000000-changed", "library -", "library 2026_01_03_000000-damaged",
                      "library 2026_02_03_000000-copied", "missing 2026_01_02_000000-lost",
                      "not built 2026_02_02_000000-unbuilt", "out of order 2026_01_04_000000-late",
                      "source -", "stale 2026_02_01_000000-stale"});
    ran = project.dibs({"verify"});
    CHECK(ran.code == 7);
    CHECK(contains(ran.out, "error: 2026_01_01_000000-changed was changed after it was applied\n"));
    CHECK(contains(ran.out, "dibs repair 2026_01_02_000000-lost\n"));
    CHECK(contains(ran.out, ": 9 errors\n"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_attempts") == before);
}

TEST_CASE("verify ends with 1 when the history agrees and something else is wrong") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    project.write(project.source("m2026_01_01_000000_one"), source_around("// edited"));
    CHECK(project.dibs({"verify"}).code == 1);
    std::filesystem::remove(project.source("m2026_01_01_000000_one"));
    CHECK(project.dibs({"verify"}).code == 0);
    std::filesystem::remove_all(project.folder() / "build/migrations");
    const Ran ran = project.dibs({"verify"});
    CHECK(ran.code == 1);
    CHECK(contains(ran.out, "error: cannot read the folder "));
    CHECK(contains(ran.out, "0 libraries, 0 applied, 0 pending on "));
}

TEST_CASE("verify says what of the history's shape is wrong, and what is wrong on disk all the same") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    project.write(project.source("m2026_01_02_000000_two"), "");
    project.psql("CREATE TABLE _dibs_migrations (id int)");
    const Ran ran = project.dibs({"verify"});
    CHECK(ran.code == 1);
    CHECK(contains(ran.out, "error: the table public._dibs_migrations is not a history of migrations"));
    CHECK(contains(ran.out, "error: 2026_01_02_000000-two is not built"));
    CHECK(contains(ran.out, ": 2 errors\n"));
}

TEST_CASE("verify without a database that answers tells what is wrong on disk, and ends with 8") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    project.write(project.library("m2026_01_02_000000_two"), "");
    const Ran ran =
        project.dibs({"verify", "--json", "--database-url", "host=127.0.0.1 port=1 user=me dbname=x"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 8);
    const json told = json::parse(ran.out);
    CHECK(told.at("database").is_null());
    REQUIRE(told.at("problems").size() == 2);
    CHECK(told.at("problems")[0].at("kind") == "library");
    CHECK(told.at("problems")[1].at("kind") == "database");
    CHECK(contains(told.at("problems")[1].at("message").get<std::string>(), "cannot connect"));
}

TEST_CASE("verify --load finds what only the loader knows, of each library") {
    Project project;
    const auto broken = [](const std::string& name) {
        return "void " + name + "();\n" + source_around(name + "();");
    };
    project.add_sources({{"m2026_01_01_000000_good", source_around("")},
                         {"m2026_01_02_000000_one", broken("nobody_has_this")},
                         {"m2026_01_03_000000_crash",
                          source_around("") + "static const int crash = (std::signal(SIGSEGV, SIG_DFL), "
                                              "std::raise(SIGSEGV));\n"},
                         {"m2026_01_04_000000_two", broken("nor_this")}});
    CHECK(project.dibs({"verify"}).code == 0);
    const Ran ran = project.dibs({"verify", "--load"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 1);
    CHECK(contains(ran.out, "nobody_has_this"));
    CHECK(contains(ran.out, "m2026_01_03_000000_crash.so: the process crashed with signal 11"));
    CHECK(contains(ran.out, "nor_this"));
    CHECK(contains(ran.out, ": 3 errors\n"));
    CHECK(untouched(project));
}
