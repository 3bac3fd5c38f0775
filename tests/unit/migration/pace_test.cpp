#include "migration/backfill/pace.hpp"

using dibs::migration::Pace;
using namespace std::chrono_literals;

TEST_CASE("a backfill's batches grow by steps to as many rows as take the time that is wanted") {
    Pace pace(0, 200ms);
    CHECK(pace.size() == Pace::first);
    // 10 us a row: 20,000 are 200 ms.
    for (int i = 0; i < 20; ++i) {
        const std::int64_t before = pace.size();
        pace.took(before, std::chrono::microseconds(before * 10));
        CHECK(pace.size() <= 2 * before);
    }
    CHECK(pace.size() == 20'000);
    SECTION("and shrink when rows take longer") {
        for (int i = 0; i < 20; ++i)
            pace.took(pace.size(), std::chrono::microseconds(pace.size() * 100));
        CHECK(pace.size() >= 2'000);
        CHECK(pace.size() <= 2'010);
    }
    SECTION("one slow batch does not turn them over") {
        pace.took(20'000, 2s);
        CHECK(pace.size() >= 4'000);
    }
    SECTION("down to a row that takes longer by itself") {
        for (int i = 0; i < 30; ++i)
            pace.took(pace.size(), 1s * pace.size());
        CHECK(pace.size() == 1);
    }
}

TEST_CASE("a backfill's batches have a bound, however fast they are") {
    Pace pace(0, 1h);
    for (int i = 0; i < 20; ++i)
        pace.took(pace.size(), 1us);
    CHECK(pace.size() == Pace::largest);
    pace.took(0, 0us);
    CHECK(pace.size() == Pace::largest);
}

TEST_CASE("the batches of one of several workers have a lower bound") {
    Pace pace(0, 1h, true);
    for (int i = 0; i < 20; ++i)
        pace.took(pace.size(), 1us);
    CHECK(pace.size() == Pace::largest_beside_others);
    pace.resume(Pace::largest);
    CHECK(pace.size() == Pace::largest_beside_others);
}

TEST_CASE("a batch that does not get through is halved, and those behind it grow again") {
    Pace pace(0, 200ms);
    CHECK(pace.split());
    CHECK(pace.size() == Pace::first / 2);
    while (pace.split()) {
    }
    CHECK(pace.size() == 1);
    pace.took(1, 1us);
    CHECK(pace.size() == 2);
}

TEST_CASE("a size that is fixed is kept, and is come back to after a split") {
    Pace pace(50, 200ms);
    pace.took(50, 10s);
    CHECK(pace.size() == 50);
    pace.resume(7);
    CHECK(pace.size() == 50);
    CHECK(pace.split());
    CHECK(pace.size() == 25);
    pace.took(25, 10s);
    CHECK(pace.size() == 50);
}

TEST_CASE("a backfill that goes on begins with the batches that it had") {
    Pace pace(0, 200ms);
    pace.resume(12'345);
    CHECK(pace.size() == 12'345);
    pace.resume(0);
    CHECK(pace.size() == 12'345);
    pace.resume(Pace::largest * 2);
    CHECK(pace.size() == Pace::largest);
}
