#include <csignal>

#include "support/holder.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Holder;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

void prepare(Project& project, std::string_view options) {
    project.psql("CREATE TABLE busy (i int); CREATE TABLE tries (at timestamptz DEFAULT now())");
    project.add_body("m2026_01_01_000000_alters",
                     "ctx.execute(\"INSERT INTO tries VALUES (DEFAULT)\"); "
                     "ctx.execute(\"ALTER TABLE busy ADD COLUMN j int\");",
                     options);
}

} // namespace

TEST_CASE("a migration that does not get its lock runs again, and is applied when the holder leaves") {
    Project project;
    prepare(project, ".lock_timeout = \"100ms\"");
    Holder holder(project);
    auto run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return contains(project.read("run.out"), "(3 of 10)"); }));
    INFO(project.read("run.out"));
    CHECK(
        contains(project.read("run.out"), "2026_01_01_000000-alters\n       no lock in time, held by pid "));
    CHECK(contains(project.read("run.out"), "(shop, active for "));
    CHECK(contains(project.read("run.out"), " s): SELECT pg_sleep(60); again in 0."));
    holder.leave();
    CHECK(run.wait().code == 0);
    CHECK(project.psql("SELECT count(*) FROM tries") == "1"); // what the attempts before did was rolled back
    CHECK(project.psql("SELECT count(*) FROM information_schema.columns WHERE table_name = 'busy'") == "2");
    CHECK(project.psql(
              "SELECT count(*) >= 2 FROM _dibs_attempts WHERE event = 'retried' AND sqlstate = '55P03'") ==
          "t");
    CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'applied'") == "1");
}

TEST_CASE("a migration that never gets its lock names who has it, and leaves nothing") {
    Project project;
    prepare(project, ".lock_timeout = \"100ms\", .lock_attempts = 2");
    const Holder holder(project);
    const bool json = GENERATE(false, true);
    const Ran ran = project.dibs(json ? std::vector<std::string>{"migrate", "--json"}
                                      : std::vector<std::string>{"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(json ? ran.out : ran.err, "It was tried 2 times."));
    CHECK(contains(json ? ran.out : ran.err, json ? "\"blocked_by\": [\n" : "held by: pid "));
    CHECK(contains(json ? ran.out : ran.err, "(shop, active for "));
    CHECK(project.psql("SELECT count(*) FROM tries") == "0");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
}

TEST_CASE("while a migration waits for its lock, the application's readers do not wait behind it") {
    Project project;
    prepare(project, "");
    // ALTER TABLE waits for this reader, and all who come later wait behind ALTER TABLE.
    const Holder holder(project, "SELECT FROM busy");
    auto run = project.start({"migrate", "--lock-timeout", "100ms", "--lock-attempts", "20"}, "run");
    REQUIRE(eventually([&] { return contains(project.read("run.out"), "(2 of 20)"); }));
    for (int i = 0; i < 10; ++i)
        CHECK(project.psql("SET statement_timeout = '2s'; SELECT count(*) FROM busy") == "0");
    kill(run.pid(), SIGKILL);
    run.wait();
}

TEST_CASE("a deadlock is tried again") {
    Project project;
    project.psql("CREATE TABLE busy (i int); CREATE TABLE other (i int)");
    project.add_body("m2026_01_01_000000_locks",
                     "ctx.execute(\"LOCK TABLE other\"); ctx.execute(\"LOCK TABLE busy\");",
                     ".lock_timeout = \"30s\"");
    const Holder holder(
        project,
        "LOCK TABLE busy; SET deadlock_timeout = '1min'; DO $$ BEGIN WHILE (SELECT count(*) = 0 FROM "
        "pg_locks WHERE relation = 'other'::regclass) LOOP END LOOP; END $$; LOCK TABLE other; COMMIT");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(contains(ran.out, "deadlock"));
    CHECK(ran.code == 0);
}

TEST_CASE("a statement_timeout is not tried again") {
    Project project;
    project.add_body("m2026_01_01_000000_sleeps", "ctx.execute(\"SET statement_timeout = '50ms'\"); "
                                                  "ctx.execute(\"SELECT pg_sleep(10)\");");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "57014"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'retried'") == "0");
}
