#include <optional>
#include <random>

#include "worker/array.hpp"

using dibs::worker::append_element;
using dibs::worker::parse_array;

using Elements = std::vector<std::optional<std::string>>;

TEST_CASE("an array's text is taken apart as PostgreSQL writes it") {
    CHECK(parse_array("{}") == Elements{});
    CHECK(parse_array("{1,2}") == Elements{"1", "2"});
    CHECK(parse_array("{NULL,\"NULL\",null}") == Elements{std::nullopt, "NULL", "null"});
    CHECK(parse_array(R"({"a,b","say \"hi\"","back\\slash",""})") ==
          Elements{"a,b", "say \"hi\"", "back\\slash", ""});
    CHECK(parse_array("[0:1]={1,2}") == Elements{"1", "2"});
}

TEST_CASE("what is no one-dimensional array is none") {
    for (const char* text :
         {"", "{", "}", "1,2", "{{1,2},{3,4}}", "{\"a}", "{\"a\"b}", "{a\\}", "[0:1]{1}", "{1,2"})
        CHECK_FALSE(parse_array(text));
}

TEST_CASE("elements written are elements read") {
    std::minstd_rand random(7);
    for (int round = 0; round < 2000; ++round) {
        Elements elements(random() % 5 + 1);
        std::string text = "{";
        for (auto& element : elements) {
            if (random() % 5 != 0) {
                element.emplace();
                for (auto size = random() % 6; size > 0; --size)
                    *element += "\"\\{},NUL x\n"[random() % 11];
            }
            text += text.size() > 1 ? "," : "";
            append_element(text, element);
        }
        CHECK(parse_array(text + "}") == elements);
    }
}
