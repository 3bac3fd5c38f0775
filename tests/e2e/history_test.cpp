#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

TEST_CASE("the table of the Rust dibs is taken over, its rows kept, each spelling of a version known") {
    Project project;
    project.psql(
        "CREATE TABLE _dibs_migrations (version TEXT PRIMARY KEY, applied_at TIMESTAMPTZ NOT NULL DEFAULT "
        "NOW()); "
        "INSERT INTO _dibs_migrations VALUES ('2026_01_24_120000-create_users', '2026-01-24 12:00:01+00'), "
        "('m2026_01_25_120000_add_bio', '2026-01-25 12:00:01+00'), "
        "('20260126120000-add-index', '2026-01-26 12:00:01+00'), ('custom', '2026-01-01 00:00:00+00')");
    project.add_bodies({{"m2026_01_24_120000_create_users", "throw 1;"},
                        {"m2026_01_25_120000_add_bio", "throw 1;"},
                        {"m2026_01_26_120000_add_index", "throw 1;"},
                        {"m2026_01_27_120000_fresh", "ctx.execute(\"CREATE TABLE fresh ()\");"}});
    Ran ran = project.dibs({"status"});
    INFO(ran.out << ran.err);
    CHECK(contains(ran.out, "applied  2026_01_24_120000-create_users  2026-01-24 12:00:01"));
    CHECK(contains(ran.out, "applied  2026_01_26_120000-add_index     2026-01-26 12:00:01"));
    CHECK(contains(ran.out, "foreign  custom"));
    CHECK(contains(ran.out, "4 applied, 1 pending"));
    CHECK(project.psql("SELECT count(*) FROM pg_attribute WHERE attrelid = '_dibs_migrations'::regclass AND "
                       "attnum > 0") == "2");

    ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT version FROM _dibs_migrations ORDER BY version") ==
          "20260126120000-add-index\n2026_01_24_120000-create_users\n2026_01_27_120000-fresh\ncustom\nm2026_"
          "01_25_120000_add_bio");
    CHECK(project.psql(
              "SELECT count(*) FROM _dibs_migrations WHERE state = 'applied' AND NOT out_of_order") == "5");
    CHECK(
        project.psql(
            "SELECT checksum IS NOT NULL FROM _dibs_migrations WHERE version = '2026_01_27_120000-fresh'") ==
        "t");
    CHECK(contains(project.dibs({"migrate"}).out, "Nothing to do"));
}

TEST_CASE("a relation of that name that is no history is left alone and named") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    SECTION("a table of another shape") {
        project.psql("CREATE TABLE _dibs_migrations (id int, note text)");
        const Ran ran = project.dibs({"migrate"});
        CHECK(ran.code == 1);
        CHECK(contains(
            ran.err, "public._dibs_migrations is not a history of migrations: it has the columns id, note"));
    }
    SECTION("a view") {
        project.psql("CREATE VIEW _dibs_migrations AS SELECT ''::text AS version, now() AS applied_at");
        const Ran ran = project.dibs({"migrate"});
        CHECK(ran.code == 1);
        CHECK(contains(ran.err, "is no table"));
    }
    CHECK(project.dibs({"status"}).code == 1);
    CHECK(project.psql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "1");
}

TEST_CASE("a history in another schema is named, not taken for an empty one") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    project.psql("CREATE SCHEMA app; CREATE TABLE app._dibs_migrations (version text PRIMARY KEY, applied_at "
                 "timestamptz NOT NULL)");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 7);
    CHECK(contains(ran.err, "a history of migrations is in schema app"));
    CHECK(project.dibs({"status"}).code == 7);
    CHECK(project.psql("SELECT to_regclass('public._dibs_migrations') IS NULL") == "t");
    project.write("dibs.yaml", project.read("dibs.yaml") + "history: {schema: app}\n");
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT count(*) FROM app._dibs_migrations") == "1");
}

TEST_CASE("schema and table are configurable, and the schema is made when it is not there") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    project.write("dibs.yaml",
                  project.read("dibs.yaml") + "history: {schema: Ops \"x\", table: \"My History\"}\n");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT count(*) FROM \"Ops \"\"x\"\"\".\"My History\"") == "1");
    CHECK(project.psql("SELECT count(*) FROM \"Ops \"\"x\"\"\".\"My History_attempts\"") == "2");
    CHECK(project.dibs({"status", "--exit-code"}).code == 0);
}

TEST_CASE("a migration may change role, search path and replication role: its history row is written all the "
          "same") {
    Project project;
    const std::string role = "owner_" + project.database().name();
    project.psql("CREATE ROLE " + role + "; CREATE SCHEMA other AUTHORIZATION " + role);
    project.add_body("m2026_01_01_000000_as_owner",
                     "ctx.execute(\"SET ROLE " + role +
                         "; SET search_path = other; CREATE TABLE t ()\"); "
                         "ctx.execute(\"RESET ROLE; SET session_replication_role = replica; SET SESSION "
                         "AUTHORIZATION " +
                         role + "\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT tableowner FROM pg_tables WHERE schemaname = 'other'") == role);
    CHECK(project.psql("SELECT applied_by FROM public._dibs_migrations") == "dibs");
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("another user that a deferred trigger makes the session's at COMMIT is not the next migration's") {
    Project project;
    const std::string role = "other_" + project.database().name();
    project.psql(
        "CREATE ROLE " + role +
        "; CREATE TABLE t (); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN SET SESSION "
        "AUTHORIZATION " +
        role +
        "; RETURN NULL; END'; CREATE CONSTRAINT TRIGGER late AFTER INSERT ON t DEFERRABLE INITIALLY "
        "DEFERRED FOR EACH ROW EXECUTE FUNCTION f()");
    const std::string looks =
        R"(ctx.log("ran as " + ctx.query("SELECT session_user::text AS u").one().get<std::string>("u"));)";
    project.add_bodies({{"m2026_01_01_000000_a", "ctx.execute(\"INSERT INTO t DEFAULT VALUES\");"},
                        {"m2026_01_02_000000_b", looks}});
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "ran as dibs\n"));
    CHECK(project.psql("SELECT string_agg(applied_by, ' ') FROM _dibs_migrations") == "dibs dibs");
    project.psql("DROP ROLE " + role);
}

TEST_CASE("a search path full of traps does not reach dibs's own SQL") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    project.psql("CREATE SCHEMA evil; CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT "
                 "NULL::timestamptz'; "
                 "CREATE FUNCTION evil.trap(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE "
                 "'trapped'; END $$; "
                 "CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.trap); "
                 "ALTER DATABASE " +
                 project.database().name() + " SET search_path = evil, pg_catalog, public");
    project.write("dibs.yaml", project.read("dibs.yaml") + "history: {schema: public}\n");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.dibs({"status", "--exit-code"}).code == 0);
}

TEST_CASE("an isolation level and a read-only default of the database do not stop a migration") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_one", "ctx.execute(\"CREATE TABLE t ()\");"},
                        {"m2026_01_02_000000_two", "ctx.execute(\"DROP TABLE t\");"}});
    project.psql("ALTER DATABASE " + project.database().name() +
                 " SET default_transaction_isolation = 'serializable'; "
                 "ALTER DATABASE " +
                 project.database().name() + " SET default_transaction_read_only = on");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
}

TEST_CASE("row security on the history is an error, not an empty history") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    const std::string role = "limited_" + project.database().name();
    project.psql("ALTER TABLE _dibs_migrations ENABLE ROW LEVEL SECURITY; CREATE ROLE " + role +
                 " LOGIN; GRANT SELECT ON _dibs_migrations TO " + role);
    const Ran ran =
        project.dibs({"status", "--database-url", project.database().conninfo() + " user=" + role});
    CHECK(ran.code == 1);
    CHECK(contains(ran.err, "row-level security"));
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
}
