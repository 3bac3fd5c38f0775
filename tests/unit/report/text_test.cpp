#include "report/text.hpp"

using dibs::report::aligned;
using dibs::report::duration;
using dibs::report::excerpt;

TEST_CASE("the caret stands under the character that the server counted to") {
    CHECK(excerpt("SELECT nope", 8) == std::vector<std::string>{"    SELECT nope", "           ^"});
    CHECK(excerpt("SELECT 'äöü€', nope", 16) ==
          std::vector<std::string>{"    SELECT 'äöü€', nope", "                   ^"});
    CHECK(excerpt("a", 1) == std::vector<std::string>{"    a", "    ^"});
    CHECK(excerpt("SELECT", 7) ==
          std::vector<std::string>{"    SELECT", "          ^"}); // at the end of input
}

TEST_CASE("of a long statement the lines around the caret are shown") {
    const std::string sql = "1\n2\n3\n4\n5\n6 here\n7\n8\n9\n10";
    CHECK(excerpt(sql, 13) == std::vector<std::string>{"    ...", "    4", "    5", "    6 here", "      ^",
                                                       "    7", "    8", "    ..."});
    CHECK(excerpt(sql, 0) == std::vector<std::string>{"    1", "    2", "    3", "    ..."});
}

TEST_CASE("a long line is cut around the caret") {
    const std::string sql = std::string(500, 'a') + "!" + std::string(500, 'b');
    const auto lines = excerpt(sql, 501);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].size() < 130);
    CHECK(lines[0][lines[1].find('^')] == '!');
}

TEST_CASE("tabs and carriage returns do not move the caret") {
    CHECK(excerpt("\tSELECT\tx\r\n", 9) ==
          std::vector<std::string>{"     SELECT x", "            ^", "    "});
}

TEST_CASE("a position behind the text does not run away") {
    CHECK(excerpt("abc", 99).size() == 2);
}

TEST_CASE("durations are told in the unit that fits") {
    using std::chrono::microseconds;
    CHECK(duration(microseconds(850)) == "850 us");
    CHECK(duration(microseconds(12'400)) == "12 ms");
    CHECK(duration(microseconds(3'400'000)) == "3.4 s");
    CHECK(duration(microseconds(125'000'000)) == "2 min 5 s");
}

TEST_CASE("columns are as wide as what is seen of their widest cell") {
    CHECK(aligned({{"a", "b"}, {"\x1b[32müü\x1b[0m", "c"}, {"", "d"}}) ==
          std::vector<std::string>{"a   b", "\x1b[32müü\x1b[0m  c", "    d"});
    CHECK(aligned({{"x", ""}}) == std::vector<std::string>{"x"});
}

TEST_CASE("control characters are shown, not obeyed") {
    using dibs::report::harmless;
    CHECK(harmless("a\tb\nc\r\nd") == "a\tb\nc\nd");
    CHECK(harmless("\x1b[2J\x07\x7f\r") == "\\x1b[2J\\x07\\x7f\\x0d");
    CHECK(harmless("\xc2\x9b"
                   "31m") == "\\x9b31m"); // CSI as one character
    CHECK(harmless("äöü€ \xc2\xa0") == "äöü€ \xc2\xa0");
}

TEST_CASE("bytes that are no character are shown as what they are") {
    using dibs::report::harmless;
    CHECK(harmless("\xc2") == "\\xc2");
    CHECK(harmless("a\xff\xc3(\xed\xa0\x80 \xc0\x80") == "a\\xff\\xc3(\\xed\\xa0\\x80 \\xc0\\x80");
    CHECK(harmless(harmless("\x9b\\\r")) == "\\x9b\\\\x0d");
    CHECK(excerpt("\x9b\xff\x7fx", 0) == std::vector<std::string>{"    ? x"});
}

TEST_CASE("text is broken at spaces, and cut off with dots") {
    using dibs::report::shortened;
    using dibs::report::wrapped;
    CHECK(wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
    CHECK(wrapped("one two three", 8) == std::vector<std::string>{"one two", "three"});
    CHECK(wrapped("änd zwö", 7) == std::vector<std::string>{"änd zwö"});
    CHECK(wrapped("a longer-than-that b", 5) == std::vector<std::string>{"a", "longer-than-that", "b"});
    CHECK(wrapped("one\n\ntwo", 80) == std::vector<std::string>{"one", "", "two"});
    CHECK(wrapped("", 5) == std::vector<std::string>{""});
    CHECK(shortened("äöüäöü", 6) == "äöüäöü");
    CHECK(shortened("äöüäöü", 5) == "äö...");
    CHECK(shortened("abc", 2) == "..");
    CHECK(shortened("abc", 0).empty());
}
