#include <csignal>
#include <fstream>

#include "support/holder.hpp"
#include "support/text.hpp"

using dibs::process::Child;
using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Holder;
using dibs::tests::Project;
using dibs::tests::Ran;
using namespace std::chrono_literals;

namespace {

/// Part of a migration's body: goes on when there is a table `gate`. It holds no transaction meanwhile if the
/// migration has none.
const std::string wait_at_gate = "while (ctx.query(\"SELECT WHERE to_regclass('gate') IS NOT "
                                 "NULL\").empty()) ctx.execute(\"SELECT pg_sleep(0.02)\"); ";

const std::string has_no_transaction = ".transaction = false";

void open_gate(const Project& project) {
    project.psql("CREATE TABLE gate ()");
}

bool says_that_it_waits(const Project& project, const std::string& run) {
    return contains(project.read(run + ".out"), "Waiting for another run");
}

/// The pid of the session that runs SQL like this in the project's database, or nothing.
std::string session_with(const Project& project, const std::string& sql) {
    return project.psql(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
        "AND pid <> pg_backend_pid() AND query LIKE '" +
        sql + "'");
}

/// What became of a number of runs that were started at once.
struct Race {
    int succeeded = 0;
    int failed = 0;
};

/// The first migration, which has no transaction, lets nobody go on before each run has come to it, waits or
/// has ended.
Race race(const Project& project, int runs, const std::filesystem::path& program) {
    std::vector<Child> children;
    for (int i = 0; i < runs; ++i)
        children.push_back(project.start({"migrate"}, "run" + std::to_string(i), program));
    REQUIRE(eventually(
        [&] {
            std::this_thread::sleep_for(100ms);
            int settled = std::stoi(project.psql("SELECT count(*) FROM ran"));
            for (int i = 0; i < runs; ++i)
                settled += says_that_it_waits(project, "run" + std::to_string(i)) ||
                           contains(project.read("run" + std::to_string(i) + ".err"), "error: ");
            return settled == runs;
        },
        120s));
    open_gate(project);
    Race race;
    for (Child& child : children)
        ++(child.wait().ok() ? race.succeeded : race.failed);
    return race;
}

} // namespace

TEST_CASE(
    "of 32 runs at once on an empty database each succeeds, and each of 20 migrations is applied once") {
    Project project;
    project.psql("CREATE TABLE ran (version text)");
    project.add_series("row", "ctx.execute(\"INSERT INTO ran VALUES ('m2026_01_01_000000_row')\");", 20);
    const std::string first = "m2025_01_01_000000_gate";
    project.add_body(first, "ctx.execute(\"INSERT INTO ran VALUES ('" + first + "')\"); " + wait_at_gate,
                     has_no_transaction);
    SECTION("with the lock") {
        const Race result = race(project, 32, dibs::tests::dibs_program());
        CHECK(result.succeeded == 32);
        CHECK(project.psql("SELECT count(*), count(DISTINCT version) FROM ran") == "21|21");
        CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "21");
        CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'applied'") == "21");
        CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'failed'") == "0");
        CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'start' AND version IS NULL") ==
              "1");
    }
    SECTION("without it the damage is plain") {
        const Race result = race(project, 32, DIBS_TEST_WITHOUT_LOCK);
        CHECK(result.succeeded == 1);
        CHECK(result.failed == 31);
        CHECK(std::stoi(project.psql("SELECT count(*) FROM ran WHERE version = '" + first + "'")) > 1);
    }
}

TEST_CASE("the dibs that does not lock is another program") {
    const auto bytes = [](const std::filesystem::path& program) {
        std::string all(std::filesystem::file_size(program), '\0');
        std::ifstream(program, std::ios::binary).read(all.data(), static_cast<std::streamsize>(all.size()));
        return all;
    };
    const std::string without = bytes(DIBS_TEST_WITHOUT_LOCK);
    const std::string with = bytes(dibs::tests::dibs_program());
    CHECK(contains(without, "this dibs does not lock"));
    CHECK_FALSE(contains(without, "pg_try_advisory_lock"));
    CHECK_FALSE(contains(with, "this dibs does not lock"));
    CHECK(contains(with, "pg_try_advisory_lock"));
}

TEST_CASE("runs that wait do not hold up a concurrent index build of the one that works") {
    Project project;
    project.psql("CREATE TABLE busy (i int)");
    project.add_body("m2026_01_01_000000_index",
                     wait_at_gate + "ctx.execute(\"CREATE INDEX CONCURRENTLY by_i ON busy (i)\");",
                     has_no_transaction);
    Child works = project.start({"migrate"}, "works");
    const auto lock =
        "locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = "
        "current_database())";
    REQUIRE(eventually(
        [&] { return project.psql(std::string("SELECT count(*) FROM pg_locks WHERE ") + lock) == "1"; }));

    SECTION("three of them, nor does what watches the build") {
        std::vector<Child> waiting;
        for (const char* const name : {"a", "b", "c"})
            waiting.push_back(project.start({"migrate"}, name));
        REQUIRE(eventually([&] {
            return says_that_it_waits(project, "a") && says_that_it_waits(project, "b") &&
                   says_that_it_waits(project, "c");
        }));
        Holder writer(project, "INSERT INTO busy VALUES (1)"); // for which the build has to wait
        open_gate(project);
        REQUIRE(eventually([&] {
            return !session_with(project, "CREATE INDEX CONCURRENTLY%").empty() &&
                   project.psql(
                       "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                       "application_name = 'dibs watch'") == "1";
        }));
        CHECK(project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                           "application_name LIKE 'dibs%' AND state LIKE 'idle in transaction%'") == "0");
        writer.leave();
        CHECK(works.wait().code == 0);
        for (Child& each : waiting)
            CHECK(each.wait().code == 0);
        CHECK(project.psql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_i'::regclass") == "t");
        CHECK(contains(project.read("a.out"), "Another run has done it all meanwhile."));
    }
    SECTION("but one that waited inside a statement would") {
        const std::string key =
            std::string("SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE ") + lock;
        Child waits = dibs::process::spawn({.argv = {dibs::tests::server().binaries().program("psql"), "-Xq",
                                                     "-d", project.database().conninfo(), "-c",
                                                     "SELECT pg_advisory_lock(" + project.psql(key) + ")"}});
        REQUIRE(eventually([&] { return !session_with(project, "SELECT pg_advisory_lock(%").empty(); }));
        open_gate(project);
        const bool works_failed = !works.wait().ok();
        CHECK((works_failed || !waits.wait().ok()));
        CHECK((!works_failed || contains(project.read("works.err"), "deadlock detected")));
    }
}

TEST_CASE("a run that is killed in a concurrent index build is not overtaken") {
    Project project;
    project.psql("CREATE TABLE busy (i int)");
    project.add_body("m2026_01_01_000000_index",
                     "ctx.execute(\"CREATE INDEX CONCURRENTLY IF NOT EXISTS by_i ON busy (i)\");",
                     has_no_transaction);
    Holder writer(project, "INSERT INTO busy VALUES (1)");
    Child killed = project.start({"migrate"}, "killed");
    std::string pid;
    REQUIRE(eventually([&] { return !(pid = session_with(project, "CREATE INDEX CONCURRENTLY%")).empty(); }));
    kill(killed.pid(), SIGKILL);
    CHECK(killed.wait().signal == SIGKILL);

    Child next = project.start({"migrate"}, "next");
    REQUIRE(eventually([&] { return says_that_it_waits(project, "next"); }));
    CHECK(contains(project.read("next.out"), "the lock is held by the session with pid " + pid + " (dibs, "));
    CHECK(session_with(project, "CREATE INDEX CONCURRENTLY%") == pid); // the server goes on with it
    writer.leave();
    CHECK(next.wait().code == 0);
    CHECK(project.psql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_i'::regclass") == "t");
    CHECK(project.psql("SELECT count(*) FROM pg_index WHERE indrelid = 'busy'::regclass") == "1");
    CHECK(project.psql(
              "SELECT string_agg(event, ' ' ORDER BY id) FROM _dibs_attempts WHERE version IS NOT NULL") ==
          "start start applied");
}

TEST_CASE("a runner that waits names the holder, gives up after lock_wait, and has changed nothing") {
    Project project;
    project.add_body("m2026_01_01_000000_slow", "ctx.execute(\"SELECT pg_sleep(60)\");");
    Child holder = project.start({"migrate"}, "holder");
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "wait_event = 'PgSleep'") == "1";
    }));
    const std::string pid =
        project.psql("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = "
                     "'PgSleep'");
    const bool by_option = GENERATE(false, true);
    if (!by_option)
        project.write("dibs.yaml", project.read("dibs.yaml") + "lock_wait: 300ms\n");
    const Ran ran = project.dibs(by_option ? std::vector<std::string>{"migrate", "--lock-wait", "300ms"}
                                           : std::vector<std::string>{"migrate"});
    CHECK(ran.code == 4);
    CHECK(contains(ran.out, "the lock is held by the session with pid " + pid +
                                " (dibs, from local socket, connected since"));
    CHECK(contains(ran.err, "pg_terminate_backend(" + pid + ")"));
    SECTION("and a status in between is not held up") {
        CHECK(project.dibs({"status", "--exit-code"}).code == 3);
    }
    project.psql("SELECT pg_terminate_backend(" + pid + ")");
    CHECK(holder.wait().code == 5);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
}

TEST_CASE("with nothing pending no lock is asked for") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add_body("m2026_01_02_000000_slow", "ctx.execute(\"SELECT pg_sleep(60)\");");
    Child holder = project.start({"migrate"}, "holder");
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "wait_event = 'PgSleep'") == "1";
    }));
    project.write("dibs.yaml", project.read("dibs.yaml") + "lock_wait: 100ms\n");
    const Ran ran = project.dibs({"migrate", "--to", "2026_01_01"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Nothing to do"));
    project.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND "
                 "datname = current_database()");
    CHECK(holder.wait().code == 5);
}

TEST_CASE("a run that was killed leaves no lock that somebody has to remove") {
    Project project;
    project.add_body("m2026_01_01_000000_gate", wait_at_gate + "ctx.execute(\"CREATE TABLE t ()\");");
    Child killed = project.start({"migrate"}, "killed");
    REQUIRE(eventually([&] { return contains(project.read("killed.out"), "Applying 1 migration"); }));
    kill(killed.pid(), SIGKILL);
    killed.wait();
    open_gate(project);
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT to_regclass('t') IS NOT NULL") == "t");
}

TEST_CASE("the lock is of one history: another one of the same database is not held up by it") {
    Project project;
    project.psql("CREATE SCHEMA one; CREATE SCHEMA two");
    project.add_body("m2026_01_01_000000_first", "");
    project.add_body("m2026_01_02_000000_gate", wait_at_gate, has_no_transaction);
    const std::string yaml = project.read("dibs.yaml");
    project.write("one.yaml", yaml + "history: {schema: one}\nlock_wait: 100ms\n");
    project.write("two.yaml", yaml + "history: {schema: two}\nlock_wait: 100ms\n");
    Child holder = project.start({"migrate", "--config", "one.yaml"}, "one");
    REQUIRE(eventually([&] {
        return project.psql(
                   "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = "
                   "(SELECT oid FROM pg_database WHERE datname = current_database())") == "1" &&
               project.psql("SELECT to_regclass('one._dibs_migrations') IS NOT NULL") == "t" &&
               project.psql("SELECT count(*) FROM one._dibs_migrations") == "1";
    }));
    CHECK(project.dibs({"migrate", "--config", "one.yaml"}).code == 4);
    CHECK(project.dibs({"migrate", "--config", "two.yaml", "--to", "2026_01_01"}).code == 0);
    CHECK(project.psql("SELECT count(*) FROM two._dibs_migrations") == "1");
    open_gate(project);
    CHECK(holder.wait().code == 0);
}

TEST_CASE("time-outs that the database sets for all do not end the wait for the lock") {
    Project project;
    project.add_body("m2026_01_01_000000_gate", wait_at_gate, has_no_transaction);
    project.psql(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = 20; ALTER DATABASE %1$I SET "
        "statement_timeout = 50; ALTER DATABASE %1$I SET idle_in_transaction_session_timeout = 50; ALTER "
        "DATABASE %1$I SET idle_session_timeout = 200', current_database()); END $$");
    Child holder = project.start({"migrate"}, "holder");
    Child next = project.start({"migrate", "--lock-wait", "60s"}, "next");
    REQUIRE(eventually(
        [&] { return says_that_it_waits(project, "next") || says_that_it_waits(project, "holder"); }));
    std::this_thread::sleep_for(1s); // longer than any of them
    open_gate(project);
    CHECK(holder.wait().code == 0);
    CHECK(next.wait().code == 0);
}

TEST_CASE("a lock that was gone before the run was over is told") {
    Project project;
    project.add_body("m2026_01_01_000000_releases",
                     "ctx.execute(\"SELECT pg_advisory_unlock_all()\"); ctx.execute(\"SELECT 1 / 0\");");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "warning: the migration lock was not held to the end: a migration released it"));
    project.add_body("m2026_01_01_000000_releases", "ctx.execute(\"SELECT 1 / 0\");");
    const Ran other = project.dibs({"migrate"});
    CHECK(other.code == 5);
    CHECK_FALSE(contains(other.err, "lock"));
}
