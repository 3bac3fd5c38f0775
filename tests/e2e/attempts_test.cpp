#include <nlohmann/json.hpp>

#include "support/refusal.hpp"

using namespace dibs::tests;
using nlohmann::json;

TEST_CASE("history lists what was attempted, the newest last, failures with their reason") {
    Project project;
    Ran ran = project.dibs({"history"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Nothing was ever attempted on "));
    CHECK(untouched(project));
    CHECK(json::parse(project.dibs({"history", "--json"}).out).at("attempts").empty());

    project.add_bodies(
        {{"m2026_01_01_000000_good", ""}, {"m2026_01_02_000000_bad", "ctx.execute(\"SELECT nope\\n, 1\");"}});
    REQUIRE(project.dibs({"migrate"}).code == 5);
    ran = project.dibs({"history"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "When (UTC)           Event    Version                 Took"));
    const std::size_t start = ran.out.find("start    a run of dibs ");
    const std::size_t good = ran.out.find("applied  2026_01_01_000000-good");
    const std::size_t bad = ran.out.find("failed   2026_01_02_000000-bad");
    CHECK(start < good);
    CHECK(good < bad);
    CHECK(bad != std::string::npos);
    CHECK(contains(ran.out.substr(bad), "\n  42703: column \"nope\" does not exist\n"));
    ran = project.dibs({"history", "--last", "1"});
    CHECK(contains(ran.out, "2026_01_02_000000-bad"));
    CHECK_FALSE(contains(ran.out, "2026_01_01_000000-good"));

    const json attempts = json::parse(project.dibs({"history", "--json"}).out).at("attempts");
    REQUIRE(attempts.size() == 3);
    CHECK(attempts[0].at("event") == "start");
    CHECK(attempts[0].at("version").is_null());
    CHECK(attempts[1].at("version") == "2026_01_01_000000-good");
    CHECK(attempts[1].at("duration_ms").is_number());
    CHECK(attempts[1].at("by") == "dibs");
    CHECK(attempts[1].at("message").is_null());
    CHECK(attempts[2].at("sqlstate") == "42703");
    CHECK(attempts[2].at("run") == attempts[0].at("run"));
    CHECK(json::parse(project.dibs({"history", "--json", "--last", "2"}).out).at("attempts").size() == 2);
    check_refused(project.dibs({"history", "--last", "0"}), 2,
                  "--last takes a number from 1 to 1000, not '0'", "leave it out for all");
}

TEST_CASE("history commands no terminal") {
    Project project;
    project.add_body("m2026_01_01_000000_good", "");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.psql("INSERT INTO _dibs_attempts (run, event, version, message, runner_version) VALUES ('x', "
                 "E'\\x1b[2Jfailed', E'v\\x1b[2J', E'two\\nlines \\x1b[2J', '')");
    const Ran ran = project.dibs({"history", "--color", "always"});
    CHECK_FALSE(contains(ran.out, "\x1b[2J"));
    CHECK(contains(ran.out, "\\x1b[2Jfailed"));
    CHECK(contains(ran.out, "\n  two\n  lines \\x1b[2J"));
}

TEST_CASE("a role that may only read can use every command that only reads") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    const std::string source = project.read(project.source("m2026_01_01_000000_one"));
    std::filesystem::remove(project.library("m2026_01_01_000000_one")); // else `show` asks no database
    const std::string role = "reader_" + project.database().name();
    project.psql("CREATE ROLE " + role + " LOGIN; GRANT SELECT ON _dibs_migrations TO " + role +
                 "; REVOKE CREATE ON SCHEMA public FROM PUBLIC; ALTER ROLE " + role +
                 " SET default_transaction_read_only = on");
    const auto as_reader = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--database-url", project.database().conninfo() + " user=" + role});
        return project.dibs(words);
    };
    CHECK(as_reader({"status"}).code == 0);
    CHECK(as_reader({"verify"}).code == 7);
    CHECK(as_reader({"repair"}).code == 7);
    CHECK(as_reader({"show", "2026_01_01"}).out == source);
    check_refused(as_reader({"history"}), 1,
                  "cannot read the history \"public\".\"_dibs_attempts\": permission denied",
                  "The role needs SELECT on it");
    project.psql("GRANT SELECT ON _dibs_attempts TO " + role);
    CHECK(as_reader({"history"}).code == 0);
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
}
