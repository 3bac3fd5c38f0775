#include <csignal>
#include <thread>

#include <nlohmann/json.hpp>

#include "database/connection.hpp"
#include "support/backfilled.hpp"
#include "support/holder.hpp"
#include "support/pseudo_terminal.hpp"
#include "support/standby.hpp"
#include "support/text.hpp"

using dibs::process::Child;
using dibs::tests::add_backfill;
using dibs::tests::add_counted_rows;
using dibs::tests::backfill_stem;
using dibs::tests::backfill_version;
using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Holder;
using dibs::tests::noted;
using dibs::tests::Project;
using dibs::tests::Ran;
using dibs::tests::times_changed;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Slow enough for a test to act meanwhile: some seconds altogether.
const char* const slowly = R"(.table = "t", .set = "n = n + 1", .batch_size = 10, .pause = "20ms")";

bool has_begun(const Project& project) {
    return project.psql("SELECT to_regclass('_dibs_backfills') IS NOT NULL") == "t" &&
           project.psql("SELECT count(*) > 0 FROM _dibs_backfills WHERE part > 0 AND batches > 2") == "t";
}

int changed(const Project& project) {
    return std::stoi(project.psql("SELECT count(*) FROM t WHERE n > 0"));
}

} // namespace

TEST_CASE("while a backfill runs, others read and write its table, and wait for no more than a batch") {
    Project project;
    add_counted_rows(project, 2000);
    add_backfill(project, slowly, 2000);
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return has_begun(project); }));
    for (int i = 0; i < 20; ++i) {
        const auto begun = steady_clock::now();
        project.psql("UPDATE t SET n = n WHERE id % 97 = " + std::to_string(i) +
                     "; SELECT count(*) FROM t; BEGIN; LOCK TABLE t IN ROW EXCLUSIVE MODE; COMMIT");
        CHECK(steady_clock::now() - begun < milliseconds(1500));
    }
    CHECK(noted(project, "state") == "running");
    CHECK(run.wait().ok());
    CHECK(times_changed(project) == "1");
}

TEST_CASE("rows that another session holds delay their batch, which is tried again in smaller ones") {
    Project project;
    add_counted_rows(project, 100);
    add_backfill(project, R"(.table = "t", .set = "n = n + 1", .batch_size = 20, .batch_time = "200ms")",
                 100);
    Holder holder(project, "UPDATE t SET n = n WHERE id = 55");
    Child run = project.start({"migrate", "--lock-timeout", "100ms"}, "run");
    REQUIRE(eventually([&] {
        return project.psql("SELECT to_regclass('_dibs_backfills') IS NOT NULL") == "t" &&
               changed(project) >= 50;
    }));
    // The batches get smaller until the row that is held is alone in its own.
    REQUIRE(eventually([&] { return changed(project) == 54; }));
    holder.leave();
    CHECK(run.wait().ok());
    CHECK(times_changed(project) == "1");
}

TEST_CASE("a backfill that meets a lock for too long gives up, names the holder, and keeps what is done") {
    Project project;
    add_counted_rows(project, 100);
    add_backfill(project, R"(.table = "t", .set = "n = n + 1", .batch_size = 10)", 100);
    Holder holder(project, "UPDATE t SET n = n WHERE id = 55");
    const Ran ran = project.dibs({"migrate", "--lock-timeout", "10ms"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "55P03"));
    CHECK(contains(ran.err, "It was tried 30 times, with fewer and fewer rows"));
    CHECK(contains(ran.err, "`dibs migrate` runs it again, and its backfill goes on where it is"));
    CHECK(changed(project) == 54);
    holder.leave();
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(times_changed(project) == "1");
}

TEST_CASE("a lock that shuts the whole table delays a backfill, which leaves no row out") {
    const std::string definition = GENERATE(
        R"(.table = "t", .set = "n = n + 1", .batch_size = 10, .pause = "100ms")",
        R"(.table = "t", .sql = "UPDATE t SET n = n + 1 WHERE id BETWEEN {first} AND {last}", .batch_size = 10, .pause = "100ms")",
        R"(.table = "t", .set = "n = n + 1", .batch_size = 10, .pause = "200ms", .workers = 2)");
    Project project;
    add_counted_rows(project, 200);
    // So that what only reads the table does not wait for long either.
    project.add_body(backfill_stem,
                     "ctx.execute(\"SET lock_timeout = '20ms'\");\n    ctx.backfill({" + definition + "});",
                     ".transaction = false");
    Child run = project.start({"migrate", "--lock-timeout", "20ms"}, "run");
    REQUIRE(eventually([&] { return has_begun(project); }));
    {
        const Holder holder(project, "LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
        std::this_thread::sleep_for(milliseconds(700));
        CHECK(noted(project, "state") == "running");
    }
    CHECK(run.wait().ok());
    INFO(project.read(project.folder() / "run.err"));
    CHECK(times_changed(project) == "1");
}

TEST_CASE("several workers do the parts of a table beside each other, each row once") {
    Project project;
    add_counted_rows(project, 4000);
    // All of them have to be at work at once for this to come to its end.
    project.psql(
        "CREATE TABLE met (pid int PRIMARY KEY); CREATE FUNCTION meet() RETURNS int LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO met VALUES (pg_backend_pid()) ON CONFLICT DO NOTHING; RETURN 1; END $$");
    add_backfill(project,
                 R"x(.table = "t", .set = "n = n + meet()", .batch_size = 50, .pause = "5ms", .workers = 4)x",
                 4000);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(times_changed(project) == "1");
    CHECK(project.psql("SELECT count(*) FROM met") == "4");
    CHECK(noted(project, "rows") == "4000");
}

TEST_CASE("what the migration has set holds for the workers beside it too") {
    Project project;
    add_counted_rows(project, 400);
    project.psql(
        "CREATE SCHEMA elsewhere; CREATE FUNCTION elsewhere.one() RETURNS int LANGUAGE sql AS 'SELECT 1'");
    project.add_body(
        backfill_stem,
        "ctx.execute(\"SET search_path = elsewhere, public; SET application_name = 'it''s'\");\n"
        "ctx.backfill({.table = \"t\", .set = \"n = n + CASE current_setting('application_name') WHEN "
        "'it''s' THEN one() END\", .batch_size = 5, .workers = 3});",
        ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(times_changed(project) == "1");
}

TEST_CASE("an error on one worker's connection stops the others, and is the one that is told") {
    Project project;
    add_counted_rows(project, 4000);
    const int row = GENERATE(5, 3995);
    project.psql("INSERT INTO gate VALUES (" + std::to_string(row) + ", 'SELECT 1 / 0')");
    const std::string definition =
        R"x(.table = "t", .set = "n = n + once(id)", .batch_size = 10, .pause = "2ms", .workers = 4)x";
    add_backfill(project, definition, 4000);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "22012: division by zero"));
    CHECK(changed(project) < 4000);
    project.psql("DELETE FROM gate");
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(times_changed(project) == "1");
}

TEST_CASE("`dibs backfill` shows, pauses and resumes one that runs") {
    Project project;
    add_counted_rows(project, 2000);
    const std::string workers = GENERATE("1", "3");
    add_backfill(project, slowly + std::string(", .workers = ") + workers, 2000);
    CHECK(contains(project.dibs({"backfill", "status"}).out, "No backfill has begun on "));
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return has_begun(project); }));
    const Ran paused = project.dibs({"backfill", "pause", "fill"});
    CHECK(paused.code == 0);
    CHECK(contains(paused.out, "backfill \"fill\" of 2026_01_01_000000-fill is paused; it stops behind the "
                               "batch that it is at\n"));
    int rows = 0;
    REQUIRE(eventually([&] {
        const int before = std::exchange(rows, changed(project));
        std::this_thread::sleep_for(milliseconds(200));
        return before == rows && changed(project) == rows;
    }));
    CHECK(rows < 2000);
    const Ran status = project.dibs({"backfill", "status", "fill"});
    INFO(status.out);
    CHECK(contains(status.out, "backfill \"fill\" of 2026_01_01_000000-fill: paused by "));
    CHECK(contains(status.out, "UPDATE public.t SET n = n + 1, by index t_pkey\n"));
    CHECK(contains(project.dibs({"status"}).out, "running  2026_01_01_000000-fill\n"));
    const auto json = nlohmann::json::parse(project.dibs({"backfill", "status", "--json"}).out);
    CHECK(json["backfills"][0]["state"] == "paused");
    CHECK(json["backfills"][0]["rows"] == rows);
    CHECK(project.psql("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass") == "0");
    const Ran resumed = project.dibs({"backfill", "resume", "fill"});
    CHECK(resumed.code == 0);
    CHECK(contains(resumed.out, "is free to go on"));
    CHECK(run.wait().ok());
    CHECK(contains(project.read("run.out"), "backfill paused by "));
    CHECK(times_changed(project) == "1");
    CHECK(contains(project.dibs({"backfill", "status"}).out, ": finished, 2000 rows changed"));
    const Ran late = project.dibs({"backfill", "pause", "fill"});
    CHECK(late.code == 1);
    CHECK(contains(late.err, "the backfill \"fill\" is finished"));
    CHECK(project.dibs({"backfill", "pause", "other"}).code == 2);
    CHECK(project.dibs({"backfill", "pause"}).code == 2);
}

TEST_CASE("a backfill that is paused before its run is stopped is paused in the next one") {
    Project project;
    add_counted_rows(project, 2000);
    add_backfill(project, slowly, 2000);
    Child first = project.start({"migrate"}, "first");
    REQUIRE(eventually([&] { return has_begun(project); }));
    CHECK(project.dibs({"backfill", "pause", "fill"}).code == 0);
    kill(first.pid(), SIGTERM);
    CHECK(first.wait().code == 143);
    const int rows = changed(project);
    Child second = project.start({"migrate"}, "second");
    REQUIRE(eventually([&] { return contains(project.read("second.out"), "backfill paused by "); }));
    CHECK(changed(project) == rows);
    CHECK(project.dibs({"backfill", "resume", "fill"}).code == 0);
    CHECK(second.wait().ok());
    CHECK(times_changed(project) == "1");
}

TEST_CASE("a backfill that is paused at the moment at which it ends is finished, or goes on when it may") {
    Project project;
    add_counted_rows(project, 20);
    // The last batch waits, so that the command is given while it is under way, and again just behind it.
    project.psql("INSERT INTO gate VALUES (20, 'SELECT pg_sleep(0.3)')");
    add_backfill(project, R"x(.table = "t", .set = "n = n + once(id)", .batch_size = 10)x", 20);
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                            "wait_event = 'PgSleep'") == "1";
    }));
    const Ran paused = project.dibs({"backfill", "pause", "fill"});
    CHECK(paused.code == 0);
    for (int i = 0; i < 50 && noted(project, "state") != "finished"; ++i) {
        const Ran resumed = project.dibs({"backfill", i % 2 == 0 ? "resume" : "pause", "fill"});
        CHECK((resumed.code == 0 || contains(resumed.err, "is finished")));
    }
    std::ignore = project.dibs({"backfill", "resume", "fill"});
    CHECK(run.wait().ok());
    CHECK(times_changed(project) == "1");
    CHECK(noted(project, "state, paused_by IS NULL") == "finished|t");
}

TEST_CASE("a backfill waits while a query says so, and says why") {
    Project project;
    add_counted_rows(project, 100);
    project.psql("CREATE TABLE queue ()");
    add_backfill(
        project,
        R"(.table = "t", .set = "n = n + 1", .batch_size = 10, .only_while = "SELECT to_regclass('queue') IS NULL")",
        100);
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] {
        return contains(project.dibs({"backfill", "status"}).out,
                        "  waits, until this is true: SELECT to_regclass('queue') IS NULL\n");
    }));
    CHECK(changed(project) == 0);
    project.psql("DROP TABLE queue");
    CHECK(run.wait().ok());
    CHECK(times_changed(project) == "1");
    CHECK(noted(project, "waits IS NULL") == "t");
}

TEST_CASE("a backfill waits while a standby is behind, where the role may see that") {
    dibs::tests::ScratchCluster primary;
    dibs::embedded::Server server = primary.server();
    server.ensure_running();
    dibs::tests::Standby standby(primary);
    const auto psql = [&](const std::string& sql) { return primary.psql(sql); };
    const auto behind = [&](const char* what) {
        dibs::database::Connection(standby.conninfo(), "test")
            .script(std::string("SELECT pg_wal_replay_") + what + "()")
            .or_throw();
    };
    psql("CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT i FROM "
         "generate_series(1, 100) i; CREATE ROLE plain LOGIN; GRANT ALL ON SCHEMA public TO plain; ALTER "
         "TABLE t OWNER TO plain");
    Project project;
    add_backfill(project,
                 R"(.table = "t", .set = "n = n + 1", .batch_size = 1, .pause = "50ms", .max_lag = "1s")",
                 100);
    REQUIRE(eventually(
        [&] { return psql("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1"; }));
    SECTION("it waits for it") {
        behind("pause");
        Child run = project.start({"migrate", "--database-url", server.conninfo()}, "run");
        REQUIRE(eventually([&] {
            return psql("SELECT to_regclass('_dibs_backfills') IS NOT NULL") == "t" &&
                   contains(psql("SELECT coalesce(max(waits), '') FROM _dibs_backfills"), " s behind");
        }));
        const std::string rows = psql("SELECT count(*) FROM t WHERE n = 1");
        std::this_thread::sleep_for(milliseconds(700));
        CHECK(psql("SELECT count(*) FROM t WHERE n = 1") == rows);
        CHECK(std::stoi(rows) < 100);
        behind("resume");
        CHECK(run.wait().ok());
    }
    SECTION("it says that it cannot see") {
        behind("pause");
        const Ran ran = project.dibs({"migrate", "--database-url", server.conninfo() + " user=plain"});
        INFO(ran.out << ran.err);
        CHECK(ran.code == 0);
        CHECK(
            contains(ran.out, "how far standbys are behind is not visible to this role without pg_monitor"));
        behind("resume");
    }
    SECTION("or it does not look") {
        behind("pause");
        add_backfill(project, R"(.table = "t", .set = "n = n + 1", .batch_size = 1, .max_lag = "0")", 100);
        CHECK(project.dibs({"migrate", "--database-url", server.conninfo()}).code == 0);
        behind("resume");
    }
    CHECK(psql("SELECT string_agg(DISTINCT n::text, ' ') FROM t") == "1");
}

TEST_CASE("a migration that requires a backfill does not begin before it is finished") {
    Project project;
    add_counted_rows(project, 100);
    const std::string name = GENERATE("fill", "bios");
    add_backfill(project,
                 R"x(.table = "t", .set = "n = n + once(id)", .name = ")x" + name + R"(", .batch_size = 10)",
                 100);
    const std::string options = GENERATE(as<std::string>{}, "", ".transaction = false");
    project.add_body("m2026_01_02_000000_strict",
                     "ctx.require_backfill(\"" + name +
                         "\");\nctx.execute(\"ALTER TABLE t ADD CHECK (n = 1)\");",
                     options);
    SECTION("which it is") {
        const Ran ran = project.dibs({"migrate"});
        INFO(ran.out << ran.err);
        CHECK(ran.code == 0);
    }
    SECTION("which it is not") {
        project.psql("INSERT INTO gate VALUES (55, 'SELECT 1 / 0')");
        CHECK(project.dibs({"migrate"}).code == 6);
        // As `dibs baseline` and others may.
        project.psql("INSERT INTO _dibs_migrations (version) VALUES ('" + std::string(backfill_version) +
                     "')");
        const Ran ran = project.dibs({"migrate"});
        INFO(ran.out << ran.err);
        CHECK(ran.code == 5);
        CHECK(contains(ran.err, "it requires the backfill \"" + name +
                                    "\" of 2026_01_01_000000-fill, which is not finished"));
        CHECK(project.psql(
                  "SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND conrelid = 't'::regclass") ==
              "0");
    }
    SECTION("of which nobody knows") {
        project.add_body("m2025_01_01_000000_early", "ctx.require_backfill(\"" + name + "\");", options);
        const Ran ran = project.dibs({"migrate"});
        INFO(ran.out << ran.err);
        CHECK(ran.code == 5);
        CHECK(contains(ran.err, "it requires the backfill \"" + name + "\", and there is none of this name"));
    }
}

TEST_CASE("with --json there is a line for what a backfill does, and the document how it ended") {
    Project project;
    add_counted_rows(project, 100);
    add_backfill(project, R"(.table = "t", .set = "n = n + 1", .batch_size = 10)", 100);
    const Ran ran = project.dibs({"migrate", "--json"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    const auto document = nlohmann::json::parse(ran.out);
    REQUIRE(document["backfills"].size() == 1);
    CHECK(document["backfills"][0]["name"] == "fill");
    CHECK(document["backfills"][0]["rows"] == 100);
    const auto event = nlohmann::json::parse(ran.err.substr(0, ran.err.find('\n')));
    CHECK(event["rows"] == 100);
    CHECK(event["percent"] == 100);
}

TEST_CASE("a terminal has one line on which a backfill's progress is drawn anew") {
    Project project;
    add_counted_rows(project, 500);
    add_backfill(project, R"(.table = "t", .set = "n = n + 1", .batch_size = 10, .pause = "20ms")", 500);
    const auto shown = dibs::tests::run_on_terminal(
        dibs::tests::command_in(project.folder(),
                                {dibs::tests::dibs_program().string(), "migrate", "--database-url",
                                 project.database().conninfo()},
                                {{"TERM", "xterm"}}),
        120);
    INFO(shown.written);
    CHECK(shown.code == 0);
    CHECK(contains(shown.written, "rows/s"));
    CHECK(contains(shown.written, "batches of 10"));
    for (const std::string& line : dibs::tests::screen(shown.written))
        CHECK_FALSE(contains(line, "rows/s, batches"));
}
