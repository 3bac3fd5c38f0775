#include "schema/diff/respell.hpp"

using dibs::schema::as_printed_again;
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
