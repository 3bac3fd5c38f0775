#include "history/session.hpp"

#include <catch2/catch.hpp>

#include "support/server.hpp"

using dibs::database::Connection;
using dibs::history::Facts;
using dibs::history::Location;
using dibs::history::look;
using namespace std::chrono_literals;

TEST_CASE("one look tells which tables have the history's names") {
    const dibs::tests::Database database;
    Connection connection(database.conninfo(), "test");
    REQUIRE_FALSE(
        connection
            .script("CREATE SCHEMA b; CREATE SCHEMA \"a,\"; CREATE SCHEMA c;"
                    "CREATE TABLE b._dibs_migrations (version text, gone int, applied_at timestamptz);"
                    "ALTER TABLE b._dibs_migrations DROP COLUMN gone;"
                    "CREATE VIEW \"a,\"._dibs_migrations AS SELECT 1 AS \"one, two\";"
                    "CREATE TABLE c._dibs_attempts (version text);"
                    "CREATE RULE nothing AS ON INSERT TO c._dibs_attempts DO INSTEAD NOTHING;"
                    "CREATE TABLE public._dibs_steps (); CREATE TABLE public._dibs_backfills ();"
                    "CREATE TABLE public._dibs_other (); CREATE TEMP TABLE _dibs_migrations ()")
            .error);
    Location location;
    const Facts facts = look(connection, location);
    REQUIRE(facts.tables.size() == 2); // by schema, so that the same one is named each time
    CHECK(facts.tables[0].schema == "a,");
    CHECK(facts.tables[0].kind == 'v');
    CHECK(facts.tables[0].columns == std::vector<std::string>{"one, two"});
    CHECK(facts.tables[1].schema == "b");
    CHECK(facts.tables[1].kind == 'r');
    CHECK(facts.tables[1].columns == std::vector<std::string>{"version", "applied_at"});
    CHECK_FALSE(facts.tables[1].visible);
    CHECK_FALSE(facts.tables[1].rewritten);
    REQUIRE(facts.attempts.size() == 1);
    CHECK(facts.attempts[0].schema == "c");
    CHECK(facts.attempts[0].rewritten);
    REQUIRE(facts.steps.size() == 1);
    CHECK(facts.steps[0].visible);
    CHECK(facts.steps[0].readable);
    CHECK(facts.backfills.size() == 1);
    CHECK(facts.schema_exists);
    CHECK(facts.current_schema == "public");

    location.schema = "c";
    CHECK(look(connection, location).schema_exists);
    location.schema = "nowhere";
    CHECK_FALSE(look(connection, location).schema_exists);
}

TEST_CASE("the server's deadlock_timeout is understood in each unit that it is told in") {
    const dibs::tests::Database database;
    Connection connection(database.conninfo(), "test");
    for (const auto& [set, meant] : std::initializer_list<std::pair<const char*, std::chrono::milliseconds>>{
             {"1", 1ms},
             {"1500", 1500ms},
             {"1s", 1s},
             {"90s", 90s},
             {"120s", 2min},
             {"60min", 1h},
             {"24d", 576h},
             {"2147483647", std::chrono::milliseconds(2147483647)}}) {
        CAPTURE(set);
        REQUIRE_FALSE(connection.script("SET deadlock_timeout = '" + std::string(set) + "'").error);
        CHECK(look(connection, Location{}).deadlock_timeout == meant);
    }
}
