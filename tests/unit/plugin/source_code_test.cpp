#include "plugin/source_code.hpp"

using dibs::plugin::same_code;

namespace {

/// In both directions.
bool same(std::string_view a, std::string_view b) {
    const bool result = same_code(a, b);
    CHECK(same_code(b, a) == result);
    CHECK(same_code(a, a));
    return result;
}

} // namespace

TEST_CASE("comments and white space between tokens are no code") {
    CHECK(same("int a; // one", "int a; // two"));
    CHECK(same("int a; // one", "int  a ;\n\n"));
    CHECK(same("int/* x */a;", "int a;"));
    CHECK(same("/* a\n * b */ int a;", "int a;"));
    CHECK(same("f(a, b);", "f(\n    a,\n    b);"));
    CHECK(same("\xEF\xBB\xBFint a;\r\n", "int a;\n"));
    CHECK(same("int a;\t// ä \xff", "int a;"));
    CHECK(same("// ends with \\\nint a;\nint b;", "int b;")); // the comment goes on in the next line
    CHECK(same("in\\\nt a;", "int a;"));
    CHECK(same("a / b", "a /* c */ / b"));
    CHECK(same("// no end of line", ""));
    CHECK(same("/* no end", ""));
}

TEST_CASE("what the compiler sees is code") {
    CHECK_FALSE(same("int a;", "int b;"));
    CHECK_FALSE(same("inta;", "int a;"));
    CHECK_FALSE(same("a + +b", "a ++b"));
    CHECK_FALSE(same("a /b", "a //b"));
    CHECK_FALSE(same("int a;", "// int a;"));
    CHECK_FALSE(same("int a; // x \\", "int a; // x \\\nint b;\nint c;"));
}

TEST_CASE("literals are code to the letter") {
    CHECK_FALSE(same("\"a b\"", "\"a  b\""));
    CHECK_FALSE(same("\"-- a\"", "\"-- b\""));
    CHECK_FALSE(same("\"// a\"", "\"// b\""));
    CHECK_FALSE(same("\"\\\" // a\"", "\"\\\" // b\""));
    CHECK(same("\"\\\\\" // a", "\"\\\\\" // b"));
    CHECK_FALSE(same("'/*' a '*/'", "'/*' b '*/'"));
    CHECK(same("1'000 // it's", "1'000 // its"));
    CHECK_FALSE(same("1'000", "1'001"));
    CHECK_FALSE(same("1e+5", "1e +5"));
    CHECK(same("u8\"a\" // x", "u8\"a\""));
    CHECK_FALSE(same("L\"a\"", "L \"a\""));
    CHECK(same("\"open // a\nint b; // a", "\"open // a\nint b;")); // it ends with its line
}

TEST_CASE("raw literals are code to the letter, but for the kind of line ends") {
    CHECK_FALSE(same("R\"(// a)\"", "R\"(// b)\""));
    CHECK_FALSE(same("R\"(a\nb)\"", "R\"(a b)\""));
    CHECK_FALSE(same("R\"(a\\\nb)\"", "R\"(ab)\""));
    CHECK(same("R\"(a\r\nb)\"", "R\"(a\nb)\""));
    CHECK(same("R\"x(a)\" // b)x\" // c", "R\"x(a)\" // b)x\""));
    CHECK_FALSE(same("R\"x(a)\" // b)x\"", "R\"x(a)\" // c)x\""));
    CHECK(same("u8R\"(a)\" // x", "u8R\"(a)\""));
    CHECK(same("fooR\"(\" // x", "fooR\"(\"")); // an identifier, then a literal
    CHECK(same("R\"(no end // a", "R\"(no end // a"));
    CHECK_FALSE(same("R\"(no end // a", "R\"(no end // b"));
    CHECK_FALSE(same("R\"", "R\"x"));
}

TEST_CASE("a directive ends with its line, and blanks in it count once") {
    CHECK_FALSE(same("#define F (x)", "#define F(x)"));
    CHECK_FALSE(same("#define A\n1", "#define A 1"));
    CHECK_FALSE(same("#include <a>\nint b;", "#include <a> int b;"));
    CHECK(same("#define A \\\n  1", "#define   A 1 // one"));
    CHECK(same("int a;\n\n\n# define A 1\nint b;", "int a; /* x */\n# define A 1\nint b;"));
    CHECK_FALSE(same("int a; # b", "int a;\n# b"));
}
