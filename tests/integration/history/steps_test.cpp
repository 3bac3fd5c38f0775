#include "history/steps.hpp"

#include <catch2/catch.hpp>

#include "history/history.hpp"
#include "history/lock.hpp"
#include "support/server.hpp"

using dibs::database::Connection;
using dibs::history::Contents;
using dibs::history::History;
using dibs::history::Location;
using dibs::history::Unfinished;
using dibs::plugin::Version;

namespace {

/// The history of a database of its own, with a run of two migrations begun.
class Begun {
  public:
    Begun() {
        history().prepare(connection_, "run 1", std::chrono::seconds(1));
        for (const Version& version : {first, second})
            CHECK(history().begin(connection_, version, "run 1", false).begun_at.empty());
    }

    const Version first = *Version::parse("2026_01_01_000000-first");
    const Version second = *Version::parse("2026_01_02_000000-second");

    /// Looked for anew, as each run does.
    History history() { return {connection_, Location{}, dibs::history::look(connection_, Location{})}; }
    Connection& connection() { return connection_; }
    void run(const std::string& sql) { REQUIRE_FALSE(connection_.script(sql).error); }
    void record(const Version& version, const std::string& step, bool backwards = false) {
        run(history().steps().record(connection_, version, {step, "checksum", "sha256-lf", "", 12},
                                     backwards));
    }
    std::string unfinished() {
        std::string text;
        for (const Unfinished& each : history().read_all(connection_).unfinished) {
            text += (text.empty() ? "" : "; ") + each.recorded + (each.backwards ? " back" : "") +
                    (each.running ? " running" : "") + (each.begun_at.empty() ? "" : " begun");
            for (const auto& step : each.steps)
                text += " " + step.name;
        }
        return text;
    }

  private:
    dibs::tests::Database database_;
    Connection connection_{database_.conninfo(), "test"};
};

} // namespace

TEST_CASE("the history knows what was begun and did not end, and which of its steps are done") {
    Begun begun;
    begun.record(begun.second, "b");
    begun.record(begun.second, "a");
    CHECK(begun.unfinished() == "2026_01_01_000000-first begun; 2026_01_02_000000-second begun b a");
    const Unfinished earlier = begun.history().begin(begun.connection(), begun.second, "run 2", false);
    CHECK_FALSE(earlier.begun_at.empty());
    REQUIRE(earlier.steps.size() == 2);
    CHECK(earlier.steps[0].name == "b");
    CHECK(earlier.steps[0].checksum == "checksum");
    CHECK(earlier.steps[0].checksum_algorithm == "sha256-lf");
    CHECK(earlier.steps[0].done_at.ends_with("Z"));
    CHECK(earlier.steps[0].duration_ms == 12);
    SECTION("until it is applied") {
        begun.run("INSERT INTO _dibs_migrations (version) VALUES ('2026_01_02_000000-second')");
        CHECK(begun.unfinished() == "2026_01_01_000000-first begun");
    }
    SECTION("or has failed with nothing left") {
        begun.run("INSERT INTO _dibs_attempts (run, event, version, runner_version) VALUES "
                  "('run 2', 'failed', '2026_01_01_000000-first', '')");
        CHECK(begun.unfinished() == "2026_01_02_000000-second begun b a");
    }
    SECTION("also without the attempts, which somebody has dropped") {
        begun.run("DROP TABLE _dibs_attempts");
        CHECK(begun.unfinished() == "2026_01_02_000000-second b a");
    }
    SECTION("and without the steps, nothing") {
        begun.run("DROP TABLE _dibs_steps");
        CHECK(begun.unfinished().empty());
        begun.history().prepare(begun.connection(), "run 3", std::chrono::seconds(1));
        CHECK(begun.unfinished() == "2026_01_01_000000-first begun; 2026_01_02_000000-second begun");
    }
}

TEST_CASE("what the last run has begun is running while somebody has the migration lock") {
    Begun begun;
    const std::string none = "2026_01_01_000000-first begun; 2026_01_02_000000-second begun";
    CHECK(begun.unfinished() == none);
    {
        const dibs::history::Lock lock(begun.connection(), begun.history().lock_name(begun.connection()),
                                       std::chrono::seconds(1), [](const auto&) {});
        CHECK(begun.unfinished() ==
              "2026_01_01_000000-first running begun; 2026_01_02_000000-second running begun");
        std::ignore = begun.history().begin(begun.connection(), begun.second, "run 2", false);
        CHECK(begun.unfinished() == "2026_01_01_000000-first begun; 2026_01_02_000000-second running begun");
        begun.run("INSERT INTO _dibs_attempts (run, event, version, runner_version) VALUES "
                  "('run 2', 'interrupted', '2026_01_02_000000-second', '')");
        CHECK(begun.unfinished() == none);
    }
}

TEST_CASE("steps that are forgotten are not done, and those of another migration stay") {
    Begun begun;
    begun.record(begun.first, "a");
    begun.record(begun.second, "a");
    begun.connection().query(begun.history().steps().forget(begun.connection(), begun.first));
    CHECK(begun.unfinished() == "2026_01_01_000000-first begun; 2026_01_02_000000-second begun a");
    CHECK(begun.history().begin(begun.connection(), begun.first, "run 2", false).steps.empty());
}

TEST_CASE(
    "the steps of a rollback() are apart from those of the way there, and both are forgotten together") {
    Begun begun;
    const auto history = [&] { return begun.history(); };
    begun.record(begun.first, "a");
    begun.run("INSERT INTO _dibs_migrations (version) VALUES ('2026_01_01_000000-first'), "
              "('2026_01_02_000000-second')");
    CHECK(begun.unfinished().empty());
    CHECK(history().begin(begun.connection(), begun.first, "run 2", true).steps.empty());
    begun.record(begun.first, "a", true);
    CHECK(begun.unfinished() == "2026_01_01_000000-first back begun a");
    const Unfinished earlier = history().begin(begun.connection(), begun.first, "run 3", true);
    CHECK_FALSE(earlier.begun_at.empty());
    CHECK(earlier.steps.size() == 1);
    begun.run("BEGIN; DELETE FROM _dibs_migrations WHERE version = '2026_01_01_000000-first'; INSERT INTO "
              "_dibs_attempts (run, event, version, runner_version) VALUES ('run 3', 'rolled back', "
              "'2026_01_01_000000-first', ''); COMMIT");
    begun.connection().query(history().steps().forget(begun.connection(), begun.first));
    CHECK(begun.unfinished().empty());
    const Unfinished anew = history().begin(begun.connection(), begun.first, "run 4", false);
    CHECK(anew.begun_at.empty());
    CHECK(anew.steps.empty());
    CHECK(begun.unfinished() == "2026_01_01_000000-first begun");
}
