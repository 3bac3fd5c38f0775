#include <csignal>

#include "support/backfilled.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::process::Child;
using dibs::tests::add_backfill;
using dibs::tests::add_counted_rows;
using dibs::tests::backfill_stem;
using dibs::tests::backfill_version;
using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::noted;
using dibs::tests::Project;
using dibs::tests::Ran;
using dibs::tests::times_changed;

namespace {

const char* const by_tens = R"x(.table = "t", .set = "n = n + once(id)", .batch_size = 10)x";

bool sleeps(const Project& project) {
    return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                        "wait_event = 'PgSleep'") == "1";
}

void end_sleep(const Project& project) {
    project.psql("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = "
                 "current_database() AND wait_event = 'PgSleep'");
}

void check_goes_on(const Project& project, int rows_before, int rows) {
    project.psql("DELETE FROM gate");
    CHECK(noted(project, "state") == "running");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "backfill \"fill\" goes on behind " + std::to_string(rows_before) + " rows"));
    CHECK(times_changed(project) == "1");
    CHECK(noted(project, "state, rows") == "finished|" + std::to_string(rows));
}

} // namespace

TEST_CASE("a backfill that fails goes on at the batch that failed") {
    Project project;
    add_counted_rows(project, 100);
    project.psql("INSERT INTO gate VALUES (55, 'SELECT 1 / 0')");
    add_backfill(project, by_tens, 100);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "22012: division by zero"));
    CHECK(contains(ran.err, "m2026_01_01_000000_fill.cpp:"));
    CHECK(project.psql("SELECT min(id) FROM t WHERE n = 0") == "51");
    const Ran status = project.dibs({"status"});
    INFO(status.out);
    CHECK(contains(status.out, "interrupted  " + std::string(backfill_version)));
    CHECK(contains(status.out, "backfill \"fill\" of " + std::string(backfill_version) + ": interrupted, "));
    CHECK(contains(project.dibs({"backfill", "status"}).out, ": interrupted, 50 %"));
    CHECK(contains(status.out, "50 %"));
    CHECK(contains(project.dibs({"status", "--json"}).out,
                   "\"backfills\": [\n        {\n          \"name\": \"fill\""));
    SECTION("once what stopped it is mended") {
        check_goes_on(project, 50, 100);
    }
    SECTION("and the rows at the place it stopped at may be gone") {
        project.psql("DELETE FROM t WHERE id BETWEEN 45 AND 60");
        project.psql("INSERT INTO t VALUES (60)");
        project.psql("DELETE FROM gate");
        add_backfill(project, by_tens, 91); // 50 before, of which 6 are gone; 41 behind
        const Ran again = project.dibs({"migrate"});
        INFO(again.out << again.err);
        CHECK(again.code == 0);
        CHECK(noted(project, "rows") == "91");
        CHECK(times_changed(project) == "1");
    }
    SECTION("but not as another backfill") {
        add_backfill(project, R"(.table = "t", .set = "n = 7", .batch_size = 10)", 100);
        const Ran other = project.dibs({"migrate"});
        INFO(other.err);
        CHECK(other.code == 6);
        CHECK(contains(other.err, "the backfill \"fill\" was begun as another one"));
        CHECK(contains(other.err, "Begun: UPDATE public.t SET n = n + once(id), by index t_pkey. Now: UPDATE "
                                  "public.t SET n = 7, by index t_pkey."));
        CHECK(project.psql("SELECT count(*) FROM t WHERE n = 7") == "0");
    }
    SECTION("though with other batches, and by more workers") {
        add_backfill(project, R"x(.table = "t", .set = "n = n + once(id)", .batch_size = 3,
                     .workers = 2)x",
                     100);
        check_goes_on(project, 50, 100);
    }
}

TEST_CASE("a backfill goes on where it was when its worker or its runner was killed") {
    Project project;
    add_counted_rows(project, 100);
    const std::string workers = GENERATE("1", "3");
    project.psql("INSERT INTO gate VALUES (55, 'SELECT pg_sleep(60)')");
    project.add_body(backfill_stem,
                     "ctx.log(std::to_string(getpid()));\nctx.backfill({" + std::string(by_tens) +
                         ", .workers = " + workers + "});",
                     ".transaction = false");
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return sleeps(project); }));
    if (workers == "3") // the other parts are done by then
        REQUIRE(eventually([&] {
            return project.psql(
                       "SELECT count(*) FILTER (WHERE NOT done) FROM _dibs_backfills WHERE part > 0") == "1";
        }));
    const int rows = std::stoi(project.psql("SELECT count(*) FROM t WHERE n = 1"));
    CHECK(contains(project.dibs({"status"}).out, "running  " + std::string(backfill_version)));
    SECTION("the runner") {
        kill(run.pid(), SIGKILL);
        run.wait();
        end_sleep(project);
    }
    SECTION("the worker") {
        const std::string said = project.read("run.out");
        kill(std::stoi(said.substr(said.find("-fill\n") + 6)), SIGKILL);
        run.wait();
        CHECK_FALSE(sleeps(project));
    }
    SECTION("the session") {
        end_sleep(project);
        run.wait();
    }
    check_goes_on(project, rows, 100);
}

TEST_CASE("SIGTERM stops a backfill behind its last batch, on all connections") {
    Project project;
    add_counted_rows(project, 100);
    project.psql("INSERT INTO gate VALUES (55, 'SELECT pg_sleep(60)'), (5, 'SELECT pg_sleep(60)')");
    add_backfill(project, by_tens + std::string(", .workers = 2"), 100);
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "wait_event = 'PgSleep'") == "2";
    }));
    const auto before = std::chrono::steady_clock::now();
    kill(run.pid(), SIGTERM);
    CHECK(run.wait().code == 143);
    CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds(2));
    CHECK(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "pid <> pg_backend_pid() AND backend_type = 'client backend'") == "0";
    }));
    check_goes_on(project, std::stoi(project.psql("SELECT count(*) FROM t WHERE n = 1")), 100);
}

TEST_CASE("a backfill goes on after its server was killed and came back") {
    dibs::tests::ScratchCluster scratch;
    dibs::embedded::Server server = scratch.server();
    server.ensure_running();
    Project project;
    const auto psql = [&](const std::string& sql) {
        return dibs::tests::psql(server, dibs::embedded::default_database, sql);
    };
    psql("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT i FROM "
         "generate_series(1, 5000) i");
    add_backfill(project, R"(.table = "t", .set = "n = n + 1", .batch_size = 10, .pause = "2ms")", 5000);
    const std::vector<std::string> words{"migrate", "--database-url", server.conninfo()};
    Child run = project.start(words, "run");
    REQUIRE(eventually([&] { return psql("SELECT count(*) > 1000 FROM t WHERE n = 1") == "t"; }));
    const pid_t postmaster = server.status().pid.value();
    kill(postmaster, SIGQUIT); // what pg_ctl stop -m immediate sends
    run.wait();
    REQUIRE(eventually([&] { return kill(postmaster, 0) != 0; }));
    scratch.server().ensure_running();
    const std::string before = psql("SELECT count(*) FROM t WHERE n = 1");
    CHECK(std::stoi(before) < 5000);
    const Ran ran = project.dibs(words);
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(psql("SELECT string_agg(DISTINCT n::text, ' ') FROM t") == "1");
    CHECK(psql("SELECT state, rows FROM _dibs_backfills") == "finished|5000");
}

TEST_CASE("what a finished backfill returned it returns again, where its migration goes on behind it") {
    Project project;
    add_counted_rows(project, 100);
    project.psql("CREATE TABLE busy (); CREATE TABLE open ()");
    project.add_body(backfill_stem, R"cpp(
    const auto rows = ctx.backfill({.table = "t", .set = "n = n + 1"});
    if (ctx.query("SELECT to_regclass('open') IS NOT NULL").one().get<bool>(0))
        throw dibs::Error("behind " + std::to_string(rows));
    if (rows != 100) throw dibs::Error("returned " + std::to_string(rows));
    )cpp",
                     ".transaction = false");
    CHECK(contains(project.dibs({"migrate"}).err, "behind 100"));
    project.psql("DROP TABLE open");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "backfill \"fill\" was finished by an earlier run: 100 rows"));
    CHECK(times_changed(project) == "1");
}

TEST_CASE("two runners started at once do a backfill once, and a third after the first was overtaken") {
    Project project;
    add_counted_rows(project, 2000);
    add_backfill(project, R"x(.table = "t", .set = "n = n + once(id)", .batch_size = 10)x", 2000);
    Child one = project.start({"migrate"}, "one");
    Child two = project.start({"migrate"}, "two");
    CHECK(one.wait().ok());
    CHECK(two.wait().ok());
    CHECK(times_changed(project) == "1");
    CHECK(noted(project, "rows, batches") == "2000|200");
}

TEST_CASE("a run that another has taken a backfill from stops, and commits no batch of it") {
    Project project;
    add_counted_rows(project, 100);
    // As another run would that has got the migration lock because this one has lost it.
    project.psql("INSERT INTO gate VALUES (55, $$UPDATE _dibs_backfills SET run = 'another'$$)");
    add_backfill(project, by_tens, 100);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "another run has taken over this backfill"));
    CHECK(project.psql("SELECT min(id) FROM t WHERE n = 0") == "51");
}
