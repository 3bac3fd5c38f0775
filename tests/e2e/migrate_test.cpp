#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

TEST_CASE("migrations run once, in order of their timestamps, each recorded") {
    Project project;
    project.add_bodies({{"m2026_01_02_000000_a_second", "ctx.execute(\"ALTER TABLE t ADD COLUMN b int\");"},
                        {"m2026_01_01_000000_z_first", "ctx.execute(\"CREATE TABLE t (a int)\");"},
                        {"m2026_01_02_000000_b_third", "ctx.execute(\"ALTER TABLE t ADD COLUMN c int\");"}});
    Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute "
                       "WHERE attrelid = 't'::regclass AND attnum > 0") == "a b c");
    CHECK(project.psql(
              "SELECT version || ' ' || name || ' ' || state FROM _dibs_migrations ORDER BY applied_at") ==
          "2026_01_01_000000-z_first z_first applied\n2026_01_02_000000-a_second a_second applied\n"
          "2026_01_02_000000-b_third b_third applied");
    CHECK(project.psql(
              "SELECT count(*) FROM _dibs_migrations WHERE length(checksum) = 64 AND checksum_algorithm = "
              "'sha256-lf' AND duration_ms >= 0 AND applied_by = session_user AND NOT out_of_order") == "3");
    CHECK(contains(ran.out, "3 migrations applied"));

    ran = project.dibs({"migrate"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "Nothing to do: 3 applied"));
    CHECK(project.psql("SELECT string_agg(event, ' ' ORDER BY id) FROM _dibs_attempts") ==
          "start applied applied applied");
}

TEST_CASE("migrate --to stops after a version, given whole or by its start") {
    Project project;
    project.add_bodies(
        {{"m2026_01_01_000000_one", ""}, {"m2026_01_02_000000_two", ""}, {"m2026_01_03_000000_three", ""}});
    CHECK(project.dibs({"migrate", "--to", "2026_01_01"}).code == 0);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
    CHECK(project.dibs({"migrate", "--to", "m2026_01_02_000000_two"}).code == 0);
    CHECK(project.psql("SELECT max(version) FROM _dibs_migrations") == "2026_01_02_000000-two");
    const Ran ran = project.dibs({"migrate", "--to", "2026_01_03_000000-tree"});
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "Did you mean \"2026_01_03_000000-three\"?"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "2");
}

TEST_CASE("migrate --dry-run lists the plan and writes nothing, --dry-run=execute rolls everything back") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_one", "ctx.execute(\"CREATE TABLE t ()\");"},
                        {"m2026_01_02_000000_two", "ctx.execute(\"ALTER TABLE t ADD COLUMN i int\");"}});
    Ran ran = project.dibs({"migrate", "--dry-run"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "  2026_01_01_000000-one\n  2026_01_02_000000-two\n"));
    ran = project.dibs({"migrate", "--dry-run=execute"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "2 migrations tried and rolled back"));
    CHECK(project.psql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0");

    project.add_body("m2026_01_03_000000_three", "ctx.execute(\"DROP TABLE nothing\");");
    ran = project.dibs({"migrate", "--dry-run=execute"});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "rolled back, as everything in this run"));
    CHECK(project.psql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0");
}

TEST_CASE("a migration without a transaction runs what PostgreSQL refuses in one") {
    Project project;
    project.add_body("m2026_01_01_000000_table", "ctx.execute(\"CREATE TABLE t (i int)\");");
    project.add_body("m2026_01_02_000000_index", "ctx.execute(\"CREATE INDEX CONCURRENTLY t_i ON t (i)\");",
                     ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_i'::regclass") == "t");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "2");

    project.add_body("m2026_01_03_000000_half",
                     "ctx.execute(\"CREATE TABLE stays ()\"); ctx.execute(\"SELECT 1/0\");",
                     ".transaction = false");
    const Ran half = project.dibs({"migrate"});
    CHECK(half.code == 6);
    CHECK(contains(half.err, "what it did before stays"));
    CHECK(project.psql("SELECT to_regclass('stays') IS NOT NULL") == "t");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "2");
}

TEST_CASE("one statement costs two round trips") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_a", "ctx.execute(\"CREATE TABLE a ()\");"}});
    CHECK(project.dibs({"migrate"}).code == 0);
    const auto round_trips = [&](const std::vector<std::string>& words) {
        const Ran ran = project.dibs(words);
        INFO(ran.out << ran.err);
        REQUIRE(ran.code == 0);
        const std::size_t at = ran.out.find("\"round_trips\": ");
        REQUIRE(at != std::string::npos);
        return std::stoi(ran.out.substr(at + 15));
    };
    project.add_bodies({{"m2026_01_02_000000_b", "ctx.execute(\"CREATE TABLE b ()\");"}});
    const int one = round_trips({"migrate", "--json"});
    project.add_bodies(
        {{"m2026_01_03_000000_c", "ctx.execute(\"CREATE TABLE c ()\");"},
         {"m2026_01_04_000000_d", "ctx.execute(\"INSERT INTO _dibs_attempts (run, event, runner_version) "
                                  "VALUES ($1, $1, $1)\", \"x\");"},
         {"m2026_01_05_000000_e", "ctx.execute(\"CREATE TABLE e ()\");"}});
    const int three = round_trips({"migrate", "--json"});
    CHECK(three - one == 2 * 2);
}

TEST_CASE("round trips do not grow with the history") {
    Project project;
    project.add_series("one", "ctx.execute(\"SELECT 1\");", 3);
    const auto round_trips = [&](const std::string& to) {
        const Ran ran = project.dibs({"migrate", "--json", "--to", to});
        INFO(ran.out << ran.err);
        REQUIRE(ran.code == 0);
        return ran.out.substr(ran.out.find("\"round_trips\": "));
    };
    round_trips("2026_01_01_000000");
    const std::string nothing = round_trips("2026_01_01_000000");
    const std::string one = round_trips("2026_01_01_000001");
    project.psql(
        "INSERT INTO _dibs_migrations (version) SELECT to_char(timestamp '2020-01-01' + i * interval '1 "
        "minute', 'YYYY_MM_DD_HH24MISS') || '-old' FROM generate_series(1, 1000) i");
    CHECK(round_trips("2026_01_01_000001") == nothing);
    CHECK(round_trips("2026_01_01_000002") == one);
    CHECK(nothing != one);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1003");
}

TEST_CASE("migrations of two branches need no third that joins them, also with one and the same time") {
    Project project;
    project.add_bodies({{"m2026_01_02_000000_of_one_branch", "ctx.execute(\"CREATE TABLE a ()\");"},
                        {"m2026_01_02_000000_of_another", "ctx.execute(\"CREATE TABLE b ()\");"},
                        {"m2026_01_03_000000_after", "ctx.execute(\"DROP TABLE a, b\");"}});
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT string_agg(name, ' ' ORDER BY applied_at) FROM _dibs_migrations") ==
          "of_another of_one_branch after");
}

TEST_CASE("what a migration leaves in the session does not reach the next one") {
    Project project;
    project.psql("CREATE ROLE dibs_leftover_" + project.database().name() + "; CREATE SCHEMA other");
    project.add_body(
        "m2026_01_01_000000_leaves",
        "ctx.execute(\"SET search_path = other; SET statement_timeout = '1h'; PREPARE p AS SELECT 1; LISTEN "
        "l; "
        "CREATE TEMP TABLE tmp (); SELECT pg_advisory_lock(42); SET session_replication_role = replica; "
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1; SET ROLE dibs_leftover_" +
            project.database().name() + "\");");
    project.add_body("m2026_01_02_000000_nothing", ""); // UNLISTEN counts from the next COMMIT on
    project.add_body("m2026_01_03_000000_looks", R"(
        const auto row = ctx.query("SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS "
            "timeout, (SELECT count(*) FROM pg_prepared_statements) AS prepared, (SELECT count(*) FROM pg_cursors WHERE name <> '') AS cursors, "
            "(SELECT count(*) FROM pg_listening_channels()) AS channels, to_regclass('pg_temp.tmp') IS NULL AS no_temp, "
            "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42 AND classid = 0) AS locks, "
            "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) > 0 AS own_lock, "
            "current_setting('session_replication_role') AS replication, current_user = session_user AS own_role, "
            "current_setting('row_security') AS row_security");
        const auto one = row.one();
        ctx.log(one.get<std::string>("path") + "|" + one.get<std::string>("timeout") + "|" + one.get<std::string>("prepared") +
                one.get<std::string>("cursors") + one.get<std::string>("channels") + one.get<std::string>("no_temp") +
                one.get<std::string>("locks") + one.get<std::string>("own_lock") + "|" + one.get<std::string>("replication") +
                one.get<std::string>("own_role") + one.get<std::string>("row_security"));
    )");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "\"$user\", public|0|000t0t|origintoff\n"));
    project.psql("DROP ROLE dibs_leftover_" + project.database().name());
}

TEST_CASE(
    "settings that the database has of its own are dibs's for every migration, not for the first alone") {
    Project project;
    project.psql("ALTER DATABASE " + project.database().name() + " SET bytea_output = 'escape'");
    project.psql("ALTER DATABASE " + project.database().name() + " SET statement_timeout = '1h'");
    project.psql("ALTER DATABASE " + project.database().name() + " SET default_transaction_read_only = on");
    const std::string looks =
        R"(ctx.log(ctx.query("SELECT current_setting('bytea_output') || ' ' || )"
        R"(current_setting('default_transaction_read_only') || ' ' || current_setting('extra_float_digits') )"
        R"(|| ' ' || current_setting('idle_session_timeout') || ' ' || current_setting('statement_timeout') )"
        R"(AS all").one().get<std::string>("all"));)";
    project.add_bodies({{"m2026_01_01_000000_a", looks},
                        {"m2026_01_02_000000_b", "ctx.execute(\"SET extra_float_digits = 0\");"},
                        {"m2026_01_03_000000_c", looks}});
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    const std::size_t first = ran.out.find("hex off 1 0 0\n");
    CHECK(first != std::string::npos);
    CHECK(ran.out.find("hex off 1 0 0\n", first + 1) != std::string::npos);
}

TEST_CASE("with --in-process migrations run in dibs itself, with the same result") {
    Project project;
    project.add_body("m2026_01_01_000000_here", "ctx.execute(\"CREATE TABLE t (i int)\"); "
                                                "ctx.execute(\"INSERT INTO t VALUES ($1)\", 3);");
    CHECK(project.dibs({"migrate", "--in-process"}).code == 0);
    CHECK(project.psql("SELECT i FROM t") == "3");
}

TEST_CASE("an older migration than the newest applied one is refused until it is allowed") {
    Project project;
    project.add_body("m2026_01_02_000000_new", "");
    CHECK(project.dibs({"migrate"}).code == 0);
    project.add_body("m2026_01_01_000000_old", "");
    const Ran refused = project.dibs({"migrate"});
    CHECK(refused.code == 7);
    CHECK(contains(refused.err, "--allow-out-of-order"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
    CHECK(project.dibs({"migrate", "--allow-out-of-order"}).code == 0);
    CHECK(project.psql("SELECT version FROM _dibs_migrations WHERE out_of_order") == "2026_01_01_000000-old");
}
