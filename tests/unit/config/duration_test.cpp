#include "config/duration.hpp"

#include <catch2/catch.hpp>

using dibs::config::parse_duration;
using namespace std::chrono_literals;

TEST_CASE("durations are whole numbers with a unit") {
    CHECK(parse_duration("500ms") == 500ms);
    CHECK(parse_duration("5s") == 5s);
    CHECK(parse_duration("2 min") == 2min);
    CHECK(parse_duration("1h") == 1h);
    CHECK(parse_duration("2d") == 48h);
    CHECK(parse_duration("0") == 0ms);
    CHECK(parse_duration("2147483647ms") == std::chrono::milliseconds(2147483647));
}

TEST_CASE("what is no duration is not taken for one") {
    for (const char* text : {"", "s", "5", "5 parsecs", "5m", "5S", "-5s", "+5s", " 5s", "5s ", "1.5s",
                             "1e3ms", "2147483648ms", "600h", "99999999999999999999s", "0x5s"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}
