#include "config/document.hpp"

#include "unit/config/project.hpp"

#include <catch2/catch.hpp>
#include <ctime>
#include <utility>

using namespace dibs::config;
using dibs::test::Project;

namespace {

std::string error(const std::string& text) {
    return Project::error([&] { static_cast<void>(parse_document(text, "f")); });
}

} // namespace

TEST_CASE("names and values keep their places, counted in characters") {
    const Node root = parse_document("a: x\r\nüü:\n  ö: 'y' # note\n", "f");
    REQUIRE(root.entries.size() == 2);
    CHECK(root.entries[0].value.text == "x");
    const Entry& group = root.entries[1];
    CHECK(place("f", group.at) == "f:2:1");
    REQUIRE(group.value.entries.size() == 1);
    CHECK(place("f", group.value.entries[0].at) == "f:3:3");
    CHECK(place("f", group.value.entries[0].value.at) == "f:3:6");
    CHECK(group.value.entries[0].value.quoted);
}

TEST_CASE("a byte order mark, a start of document and blocks of text are understood") {
    const Node root = parse_document("\xEF\xBB\xBF---\na: |\n  one\n  \ttwo\n", "f");
    REQUIRE(root.entries.size() == 1);
    CHECK(root.entries[0].value.text == "one\n\ttwo\n");
}

TEST_CASE("the items of a list keep their places") {
    const Node root = parse_document("a: [x, 'y']\nb:\n  - z\n  -\n", "f");
    REQUIRE(root.entries.size() == 2);
    const Node& list = root.entries[0].value;
    CHECK(list.kind == Node::Kind::list);
    REQUIRE(list.items.size() == 2);
    CHECK(list.items[1].text == "y");
    CHECK(place("f", list.items[1].at) == "f:1:8");
    REQUIRE(root.entries[1].value.items.size() == 2);
    CHECK(root.entries[1].value.items[1].kind == Node::Kind::empty);
}

TEST_CASE("what has no business in a configuration is refused where it stands") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"a: 1\nb: 2\na: 3\n", "f:3:1: \"a\" is here for the second time\nThe first is in line 1"},
        {"a: {b: 1, b: 2}\n", "f:1:11: \"b\" is here for the second time"},
        {"a: 1\n---\nb: 2\n", "f:2:1: a second YAML document begins here"},
        {"- a\n", "f:1:1: a list, where names with values are expected"},
        {"[a]: b\n", "f:1:1: a list, where a name is expected"},
        {"a: !x []\n", "f:1:4: tags (!) are not used here"},
        {"a: [[[[[[[[]]]]]]]]\n", "nested too deeply"},
        {"a: &x 1\n", "f:1:4: anchors (&) and aliases (*) are not used here"},
        {"a: *x\n", "f:1:4: anchors (&) and aliases (*) are not used here"},
        {"a: !!binary eA==\n", "f:1:4: tags (!) are not used here"},
        {"a: !x {}\n", "f:1:4: tags (!) are not used here"},
        {"{a: 1}: b\n", "f:1:1: a map, where a name is expected"},
        {": b\n", "f:1:1: a value without a name"},
        {"a:b\n", "f:1:1: a text, where names with values are expected"},
        {"history:\n\ttable: x\n", "f:2:1: a tab is no indentation in YAML"},
        {"history:\n  table: x\n \tschema: y\n", "f:3:2: a tab is no indentation in YAML"},
        {"\ta: b\n", "f:1:1: a tab is no indentation in YAML"},
        {"a: 1\nb: \xFF\n", "f:2:4: this file is not UTF-8 text"},
        {"a: \xC0\xAF\n", "f:1:4: this file is not UTF-8 text"},
        {"a: \xED\xA0\x80\n", "f:1:4: this file is not UTF-8 text"},
        {"\xFF\xFE"
         "a",
         "f:1:1: this file is not UTF-8 text"},
        {std::string("a: b\0c\n", 7), "f:1:5: a control character has no place in this file"},
        {"a: \"x\\0y\"\n", "f:1:4: a value with a null character"},
        {"a: 1\nb: \"open\n", "f:2:4: this quote is never closed"},
        {"b: 'it''s open\n", "f:1:4: this quote is never closed"},
        {"a: b: c\n", "f:1:5: this is not YAML: illegal map value"},
        {"a: {b: 1\n", "this is not YAML: end of map flow not found"},
        {"a: @x\n", "f:1:4: this is not YAML: unknown token\nPut the value in quotes"},
        {"a: \"\\xZZ\"\n", "f:1:9: this is not YAML"},
        {"a: {b: {c: {d: {e: {f: {g: {h: {i: {}}}}}}}}}\n", "nested too deeply"},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        CHECK_THAT(error(text), Catch::Contains(expected));
    }
}

TEST_CASE("a file that grows without bound is refused before it costs anything") {
    CHECK_THAT(error(std::string(largest_document + 1, ' ')), Catch::Contains("larger than 1 MiB"));
    const std::vector<std::string> bombs{"[", "{", "{a: ", "- ", "? ", "&a ", "a: ", "\"", "a:\n", "!", "# "};
    for (const std::string& piece : bombs) {
        std::string text;
        while (text.size() + piece.size() <= largest_document) {
            text += piece;
        }
        CAPTURE(piece);
        const std::clock_t begin = std::clock(); // of the processor: others may have it meanwhile
        static_cast<void>(error(text));
        CHECK(std::clock() - begin < 2 * CLOCKS_PER_SEC);
    }
    std::string many;
    for (int i = 0; i < 2001; ++i) {
        many += "n" + std::to_string(i) + ": 1\n";
    }
    CHECK_THAT(error(many), Catch::Contains("f:2001:1: more than 2000 values"));
    std::string list = "a: [";
    for (int i = 0; i < 2001; ++i) {
        list += "1,";
    }
    CHECK_THAT(error(list), Catch::Contains("more than 2000 values"));
}

TEST_CASE("cutting a file anywhere gives a document or an error with a place") {
    const std::string text = "a: \"x\\ty\"\nb: {c: 'd', e: ü}\nf: |\n  g\nh:\n  i: j # k\n";
    for (std::size_t length = 0; length < text.size(); ++length) {
        try {
            static_cast<void>(parse_document(text.substr(0, length), "f"));
        } catch (const dibs::report::Failure& failure) {
            CHECK_THAT(failure.what(), Catch::StartsWith("f:"));
        }
    }
}
