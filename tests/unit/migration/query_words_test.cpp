#include "migration/query_words.hpp"

using dibs::migration::first_word;
using dibs::migration::is_query;

TEST_CASE("the word that SQL begins with stands behind spaces, comments and brackets") {
    CHECK(first_word("select 1") == "SELECT");
    CHECK(first_word(" \n\t((values (1)))") == "VALUES");
    CHECK(first_word("-- INSERT\n/* UPDATE /* DELETE */ */ TABLE t") == "TABLE");
    CHECK(first_word("--\r-- two\r\nWITH a AS (SELECT 1) SELECT") == "WITH");
    CHECK(first_word("").empty());
    CHECK(first_word("-- nothing else").empty());
    CHECK(first_word("/* open /* */ SELECT").empty());
    CHECK(first_word("\"SELECT\"").empty());
    CHECK(first_word("1").empty());
}

TEST_CASE("what gives rows without being a query is none") {
    for (const char* const sql :
         {"SELECT 1", "(SELECT 1)", "VALUES (1)", "TABLE t", "with a as (select) table a"})
        CHECK(is_query(sql));
    for (const char* const sql : {"INSERT INTO t VALUES (1) RETURNING 1", "SHOW all", "EXPLAIN SELECT 1",
                                  "SELECTED", "EXECUTE p", "FETCH 1 FROM c", ""})
        CHECK_FALSE(is_query(sql));
}
