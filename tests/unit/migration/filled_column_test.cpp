#include "migration/backfill/filled_column.hpp"

#include <catch2/catch.hpp>

using dibs::migration::filled_column;

TEST_CASE("a literal for a column, where it is null, is known to make that false") {
    CHECK(filled_column("bio = 'No bio yet'", "bio IS NULL") == "bio");
    CHECK(filled_column(" Bio='it''s'\n", "\tBIO is\nNull ") == "bio");
    CHECK(filled_column("n_1 = 42", "n_1 is null") == "n_1");
}

TEST_CASE("nothing else that a backfill sets is taken to make its condition false") {
    const auto [set, where] = GENERATE(values<std::pair<const char*, const char*>>({
        {"bio = NULL", "bio IS NULL"},
        {"bio = name", "bio IS NULL"},
        {"bio = 'a' || name", "bio IS NULL"},
        {"bio = '", "bio IS NULL"},
        {"bio = 'a''", "bio IS NULL"},
        {"bio = E'a'", "bio IS NULL"},
        {"bio = 'a\\''", "bio IS NULL"},
        {"bio = 'a', n = 2", "bio IS NULL"},
        {"n = 1.5", "n IS NULL"},
        {"n = 1 + n", "n IS NULL"},
        {"bio = 'a'", "name IS NULL"},
        {"bio = 'a'", "bio IS NOT NULL"},
        {"bio = 'a'", "bio IS NULL OR n = 1"},
        {"bio = 'a'", "bio = 'b'"},
        {"bio = 'a'", "t.bio IS NULL"},
        {"bio = 'a'", "\"bio\" IS NULL"},
        {"\"Bio\" = 'a'", "bio IS NULL"},
        {"bio = 'a' -- so", "bio IS NULL"},
        {"bio$ = 'a'", "bio$ IS NULL"},
        {"", ""},
        {"bio = 'a'", ""},
    }));
    INFO(set << " where " << where);
    CHECK_FALSE(filled_column(set, where));
}
