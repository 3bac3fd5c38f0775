#include "worker/copy_text.hpp"

#include <limits>
#include <optional>

using dibs::worker::append_copy_value;

namespace {

template <class T>
std::string text(const T& value) {
    std::string line;
    CHECK(append_copy_value(line, dibs::detail::bind(value)));
    return line;
}

} // namespace

TEST_CASE("text is escaped where COPY's text format has a meaning for it") {
    CHECK(text("plain ü €") == "plain ü €");
    CHECK(text("") == "");
    CHECK(text("a\tb\nc\rd\\e") == "a\\tb\\nc\\rd\\\\e");
    CHECK(text("\\.") == "\\\\.");
    CHECK(text("\\N") == "\\\\N");
    CHECK(text("\\") == "\\\\");
    CHECK(text("\t") == "\\t");
    CHECK(text("\n\n") == "\\n\\n");
    CHECK(text("a\b\f\v\x7f") == "a\b\f\v\x7f");
}

TEST_CASE("NULL is told from the empty string and from the word") {
    CHECK(text(nullptr) == "\\N");
    CHECK(text(std::nullopt) == "\\N");
    CHECK(text(std::optional<int>()) == "\\N");
    CHECK(text(std::optional<std::string>("")) == "");
    CHECK(text("NULL") == "NULL");
}

TEST_CASE("numbers, truth and bytes are as PostgreSQL reads them") {
    CHECK(text(std::int64_t{-9223372036854775807 - 1}) == "-9223372036854775808");
    CHECK(text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(text(0.1) == "0.1");
    CHECK(text(0.1f) == "0.1");
    CHECK(text(-std::numeric_limits<double>::infinity()) == "-inf");
    CHECK(text(true) == "t");
    CHECK(text(false) == "f");
    CHECK(text(std::vector<std::byte>{std::byte{0}, std::byte{255}, std::byte{'\\'}}) == "\\\\x00ff5c");
    CHECK(text(std::vector<std::byte>{}) == "\\\\x");
}

TEST_CASE("arrays are quoted as arrays and then escaped as text") {
    CHECK(text(std::vector<int>{1, 2}) == R"({"1","2"})");
    CHECK(text(std::vector<std::string>{"a\\b", "c\td", "\""}) == R"({"a\\\\b","c\td","\\""})");
    CHECK(text(std::vector<std::optional<int>>{1, std::nullopt}) == R"({"1",NULL})");
}

TEST_CASE("text with a NUL has no form") {
    std::string line;
    CHECK_FALSE(append_copy_value(line, dibs::detail::bind(std::string("a\0b", 3))));
    CHECK_FALSE(append_copy_value(line, dibs::detail::bind(std::vector<std::string>{std::string(1, '\0')})));
    CHECK(append_copy_value(line, dibs::detail::bind(std::vector<std::byte>{std::byte{0}})));
}
