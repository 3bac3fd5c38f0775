#include "config/expansion.hpp"

#include <catch2/catch.hpp>

using namespace dibs::config;

namespace {

std::string expanded(const std::string& text) {
    return expand(text, [](const std::string& name) -> std::optional<std::string> {
        if (name == "A" || name == "_long_name_2") {
            return "value";
        }
        return name == "EMPTY" ? std::optional<std::string>("") : std::nullopt;
    });
}

} // namespace

TEST_CASE("variables are replaced by their values") {
    CHECK(expanded("${A}") == "value");
    CHECK(expanded("x${A}y${_long_name_2}z") == "xvalueyvaluez");
    CHECK(expanded("[${EMPTY}]") == "[]");
    CHECK(expanded("") == "");
}

TEST_CASE("a default stands in for a variable that is unset or empty") {
    CHECK(expanded("${A:-other}") == "value");
    CHECK(expanded("${NONE:-other}") == "other");
    CHECK(expanded("${EMPTY:-other}") == "other");
    CHECK(expanded("${NONE:-}") == "");
    CHECK(expanded("${NONE:-a:-b$$c $d}") == "a:-b$c $d");
}

TEST_CASE("two dollars are one, and one before anything but a brace is nothing special") {
    CHECK(expanded("$$") == "$");
    CHECK(expanded("$${A}") == "${A}");
    CHECK(expanded("$$$${A}") == "$${A}");
    CHECK(expanded("$A $1 $(A) 5$") == "$A $1 $(A) 5$");
}

TEST_CASE("an unset variable without a default is an error that names it") {
    CHECK_THROWS_WITH(expanded("x${NONE}"), "the environment variable NONE is not set");
}

TEST_CASE("a malformed expansion is an error that does not repeat a value") {
    for (const std::string text : {"${", "${A", "${}", "${1A}", "${A-secret}", "${A:?secret}", "${A:secret}",
                                   "${ A}", "${NONE:-${A}}", "${NONE:-${A}secret}"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(expanded(text), ExpansionError);
        CHECK_THROWS_WITH(expanded(text), !Catch::Contains("secret"));
    }
}
