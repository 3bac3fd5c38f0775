#include "schema/diff/respell.hpp"

using dibs::schema::as_printed_again;
using dibs::schema::may_read_alike;
using dibs::schema::Model;
using dibs::schema::read_again;

TEST_CASE("The cast of an array is one of its elements once PostgreSQL has read it again") {
    CHECK(read_again("(((kind)::text = ANY ((ARRAY['a'::character varying, 'b,]'::character "
                     "varying])::text[])))") ==
          "(((kind)::text = ANY (ARRAY[('a'::character varying)::text, ('b,]'::character varying)::text])))");
    CHECK(read_again("(ARRAY[f(a, 1), 2])::numeric(5,2)[] || (ARRAY[(ARRAY[1])::bigint[]])::\"T[\".x[]") ==
          "ARRAY[(f(a, 1))::numeric(5,2), (2)::numeric(5,2)] || ARRAY[(ARRAY[(1)::bigint])::\"T[\".x]");
}

TEST_CASE("A cast of an array that PostgreSQL puts in by itself is not written, so that it stays one of the "
          "array") {
    CHECK(as_printed_again("(((kind)::text = ANY ((ARRAY['a'::character varying, '])::text[]'::character "
                           "varying])::text[])))") ==
          "(((kind)::text = ANY (ARRAY['a'::character varying, '])::text[]'::character varying])))");
    for (const char* const text :
         {"(a = ANY ((ARRAY['a'::name])::text[]))", "f((ARRAY['a'::character varying])::text[])",
          "'= ANY ((ARRAY[''a''::character varying])::text[])'",
          "a = ANY ((ARRAY['a'::character varying])::d[])"})
        CHECK(as_printed_again(text) == text);
}

TEST_CASE("What is no cast of an array is left as it is") {
    for (const char* const text :
         {"", "(a > 1)", "'(ARRAY[1])::text[]'", "(ARRAY[a] || ARRAY[b])::text[]", "(ARRAY[1])::tags",
          "((ARRAY[1])::tags)::text[]", "(ARRAY[1, 2])[1]", "(ARRAY[1", "(ARRAY[1])::"})
        CHECK(read_again(text) == text);
}

TEST_CASE("Definitions that differ in casts, parentheses and names of columns alone may be read alike") {
    const auto alike = [](const std::string& a, const std::string& b) {
        Model one;
        one.views.emplace_back().key = {dibs::schema::Kind::view, "public", "v", ""};
        Model other = one;
        one.views[0].definition = a;
        other.views[0].definition = b;
        return may_read_alike(one, other);
    };
    CHECK(alike("WHERE ((a >= 1 AND a <= 2) AND b)", "WHERE (a >= 1 AND a <= 2 AND b)"));
    CHECK(alike("SELECT (- 1) AS n", "SELECT '-1'::integer AS n"));
    CHECK(alike("SELECT 'x'::name UNION", "SELECT 'x'::name AS name UNION"));
    CHECK_FALSE(alike("WHERE a > 1", "WHERE a > 2"));
    CHECK_FALSE(alike("WHERE a > 1", "WHERE b > 1"));
    CHECK_FALSE(alike("SELECT 1", "SELECT 1"));
}
