#include "report/suggestion.hpp"

#include <catch2/catch.hpp>

using dibs::report::closest;
using dibs::report::did_you_mean;

namespace {

const std::vector<std::string> commands{"init",   "generate", "migrate", "status",
                                        "schema", "diff",     "rollback"};

} // namespace

TEST_CASE("a misspelt name leads to the one that was meant") {
    CHECK(closest("migarte", commands) == "migrate");
    CHECK(closest("statsu", commands) == "status");
    CHECK(closest("stat", commands) == "status");
    CHECK(closest("rolback", commands) == "rollback");
    CHECK(closest("MIGRATE", commands) == "migrate");
    CHECK(closest("dif", commands) == "diff");
}

TEST_CASE("hyphen and underscore are the same letter") {
    const std::vector<std::string> names{"lock_timeout", "lock_wait"};
    CHECK(closest("lock-timeout", names) == "lock_timeout");
}

TEST_CASE("what resembles nothing leads to nothing") {
    CHECK_FALSE(closest("tomato", commands));
    CHECK_FALSE(closest("", commands));
    CHECK_FALSE(closest("x", commands));
    CHECK_FALSE(closest("status", {}));
    CHECK(did_you_mean("tomato", commands).empty());
}

TEST_CASE("a part of a version is enough where only one contains it") {
    const std::vector<std::string> versions{"2026_01_24_120000-create_users",
                                            "2026_01_25_120000-create_orders"};
    CHECK(closest("create-users", versions) == versions[0]);
    CHECK_FALSE(closest("create", versions));
    CHECK(closest("2026_01_24_12000-create_user", versions) == versions[0]);
}

TEST_CASE("the hint is a sentence") {
    CHECK(did_you_mean("stauts", commands) == "Did you mean \"status\"?");
}

TEST_CASE("a name of a megabyte is answered at once") {
    CHECK_FALSE(closest(std::string(1U << 20, 'x'), commands));
}

TEST_CASE("what is only begun is meant before what is near") {
    const std::vector<std::string> options{"--wait", "--exit-code", "--env", "--dir"};
    CHECK(dibs::report::closest("--exit", options) == "--exit-code");
}
