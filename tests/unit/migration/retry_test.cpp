#include "migration/retry.hpp"

#include <catch2/catch.hpp>

using dibs::migration::is_about_locks;
using dibs::migration::next_attempt;
using dibs::migration::RetryPolicy;
using namespace std::chrono_literals;

TEST_CASE("only a lock that was not obtained, or a deadlock, is worth another attempt") {
    CHECK(is_about_locks("55P03"));
    CHECK(is_about_locks("40P01"));
    CHECK_FALSE(is_about_locks("57014")); // a statement_timeout, which would run as long again
    CHECK_FALSE(is_about_locks("23505"));
    CHECK_FALSE(is_about_locks(""));
}

TEST_CASE("pauses double up to ten seconds, with chance in them") {
    const RetryPolicy policy{100, 1h};
    CHECK(next_attempt(policy, 1, 1s, 1s, 0).pause == 100ms);
    CHECK(next_attempt(policy, 1, 1s, 1s, 1).pause == 200ms);
    CHECK(next_attempt(policy, 3, 1s, 1s, 1).pause == 800ms);
    CHECK(next_attempt(policy, 7, 1s, 1s, 1).pause == 10s);
    CHECK(next_attempt(policy, 99, 1s, 1s, 1).pause == 10s);
}

TEST_CASE("attempts end by their number, by the time, and where one worked for long") {
    const RetryPolicy policy{3, 20s};
    CHECK(next_attempt(policy, 2, 1s, 2s, 0).pause);
    CHECK_THAT(next_attempt(policy, 3, 1s, 3s, 0).why_not,
               Catch::Contains("3 times") && Catch::Contains("lock_attempts"));
    CHECK_THAT(next_attempt(policy, 2, 10s, 20s, 0).why_not,
               Catch::Contains("20 s") && Catch::Contains("lock_retry_time"));
    CHECK_THAT(next_attempt(policy, 1, 11s, 11s, 0).why_not,
               Catch::Contains("worked for 11 s") && Catch::Contains("ctx.backfill()"));
    CHECK_FALSE(next_attempt({1, 1h}, 1, 1s, 1s, 0).pause);
}
