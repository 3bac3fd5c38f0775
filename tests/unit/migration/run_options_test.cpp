#include <catch2/catch.hpp>

#include "config/settings.hpp"
#include "history/session.hpp"
#include "migration/executor.hpp"
#include "unit/config/project.hpp"

TEST_CASE("an application that migrates itself has the defaults of the program") {
    const dibs::config::Settings settings = dibs::test::Project("").load();
    dibs::history::Facts facts;
    facts.deadlock_timeout = std::chrono::seconds(3);
    const dibs::migration::RunOptions options(facts);
    CHECK(options.lock_timeout == std::chrono::milliseconds(3500)); // as README and `dibs migrate --help` say
    CHECK_FALSE(settings.lock_timeout.has_value());
    CHECK(options.lock_wait == settings.lock_wait);
    CHECK(options.retry.attempts == settings.lock_attempts);
    CHECK(options.retry.time == settings.lock_retry_time);
    CHECK(options.time_limit == settings.migration_timeout);
    CHECK(options.role.empty());
    CHECK_FALSE(settings.role.has_value());
    CHECK_FALSE(options.roll_back_all);
}
