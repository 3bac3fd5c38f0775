#include "schema/sql/scan.hpp"

using namespace dibs::schema;

TEST_CASE("what stands in quotes is not taken for SQL") {
    CHECK(find_outside_quotes("\"a(\"(b)", '(') == 4);
    CHECK(find_outside_quotes("'it''s (' || (b)", '(') == 13);
    CHECK(find_outside_quotes("E'\\'(' (", '(') == 7);
    CHECK(find_outside_quotes("'never closed (", '(') == std::string::npos);
    CHECK(closing_parenthesis("f(a, ')', \")\", (b)) c)", 1) == 18);
    CHECK(closing_parenthesis("(a", 0) == std::string::npos);
}

TEST_CASE("a list is split at its own commas only") {
    CHECK(list_elements("a, lower(b, 'x,y') DESC,\n \"c,d\"") ==
          std::vector<std::string>{"a", "lower(b, 'x,y') DESC", "\"c,d\""});
    CHECK(list_elements("(a = ANY (ARRAY[1, 2])), b") ==
          std::vector<std::string>{"(a = ANY (ARRAY[1, 2]))", "b"});
    CHECK(list_elements("").empty());
}
