#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;

TEST_CASE("many runners at once apply each migration once, and all of them succeed") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_one",
                         "ctx.execute(\"CREATE TABLE t (i int)\"); ctx.execute(\"SELECT pg_sleep(0.2)\");"},
                        {"m2026_01_02_000000_two", "ctx.execute(\"INSERT INTO t VALUES (1)\");"},
                        {"m2026_01_03_000000_three", "ctx.execute(\"INSERT INTO t VALUES (2)\");"}});
    std::vector<dibs::process::Child> runners;
    for (int i = 0; i < 6; ++i)
        runners.push_back(project.start({"migrate"}, "run" + std::to_string(i)));
    for (dibs::process::Child& runner : runners)
        CHECK(runner.wait().ok());
    CHECK(project.psql("SELECT count(*) FROM t") == "2");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "3");
    CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'start'") == "1");
    CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'failed'") == "0");
}

TEST_CASE("a runner that waits names the holder, gives up after lock_wait, and has changed nothing") {
    Project project;
    project.add_body("m2026_01_01_000000_slow", "ctx.execute(\"SELECT pg_sleep(60)\");");
    dibs::process::Child holder = project.start({"migrate"}, "holder");
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "wait_event = 'PgSleep'") == "1";
    }));
    const std::string pid =
        project.psql("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = "
                     "'PgSleep'");
    project.write("dibs.yaml", project.read("dibs.yaml") + "lock_wait: 300ms\n");
    const Ran ran = project.dibs({"migrate"});
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
    dibs::process::Child holder = project.start({"migrate"}, "holder");
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
