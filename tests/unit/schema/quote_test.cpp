#include "schema/sql/quote.hpp"

using dibs::schema::literal;
using dibs::schema::quoted;

TEST_CASE("An identifier is quoted where PostgreSQL would quote it") {
    CHECK(quoted("users") == "users");
    CHECK(quoted("_a1") == "_a1");
    CHECK(quoted("1a") == "\"1a\"");
    CHECK(quoted("Users") == "\"Users\"");
    CHECK(quoted("a b") == "\"a b\"");
    CHECK(quoted("a\"b") == "\"a\"\"b\"");
    CHECK(quoted("") == "\"\"");
    CHECK(quoted("\xC3\xBC") == "\"\xC3\xBC\"");
    CHECK(quoted("select") == "\"select\"");
    CHECK(quoted("all") == "\"all\"");
    CHECK(quoted("xmltable") == "\"xmltable\"");
    CHECK(quoted("name") == "name"); // a keyword that is not reserved
}

TEST_CASE("A literal is the same whatever standard_conforming_strings says") {
    CHECK(literal("it's") == "'it''s'");
    CHECK(literal("a\\b'c") == "E'a\\\\b''c'");
    CHECK(literal("").size() == 2);
}
