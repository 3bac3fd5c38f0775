#include "support/refusal.hpp"

using namespace dibs::tests;

namespace {

void add_good(Project& project) {
    project.add_body("m2026_01_01_000000_good", "ctx.execute(\"CREATE TABLE good ()\");");
}

std::string relations(const Project& project) {
    return project.psql(
        "SELECT string_agg(c.oid::regclass::text, ' ' ORDER BY c.relname) FROM pg_class c JOIN "
        "pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> "
        "'information_schema' AND c.relkind <> 'i'");
}

/// Neither command takes what this SQL made for the history, and both leave everything as it is.
void check_both_refuse(const Project& project, const std::string& sql, int code, const std::string& what,
                       const std::string& what_to_do) {
    project.psql(sql);
    const std::string before = relations(project);
    for (const char* const command : {"status", "migrate"})
        check_refused(project.dibs({command}), code, what, what_to_do);
    CHECK(relations(project) == before);
}

} // namespace

TEST_CASE("bad input: a history table of another shape") {
    Project project;
    add_good(project);
    check_both_refuse(
        project, "CREATE TABLE _dibs_migrations (id int, note text)", 1,
        "the table public._dibs_migrations is not a history of migrations: it has the columns id, note",
        "Rename it, or set `history: {schema: ..., table: ...}` in dibs.yaml.");
}

TEST_CASE("bad input: something else with the history's name") {
    const std::string sql = GENERATE(
        "CREATE VIEW _dibs_migrations AS SELECT ''::text AS version, now() AS applied_at",
        "CREATE MATERIALIZED VIEW _dibs_migrations AS SELECT ''::text AS version, now() AS applied_at",
        "CREATE SEQUENCE _dibs_migrations",
        "CREATE TYPE _dibs_migrations AS (version text, applied_at timestamptz)");
    Project project;
    add_good(project);
    check_both_refuse(project, sql, 1,
                      "public._dibs_migrations is no table, so it cannot be the history of migrations",
                      "Rename it");
}

TEST_CASE("bad input: a type with the history's name is found before the first change") {
    Project project;
    add_good(project);
    project.psql("CREATE TYPE _dibs_migrations AS ENUM ()");
    check_refused(project.dibs({"migrate"}), 1, "type \"_dibs_migrations\" already exists (42710)",
                  "If something else has a name that dibs needs, rename it");
    CHECK(untouched(project));
}

TEST_CASE("bad input: a history in another schema") {
    Project project;
    add_good(project);
    check_both_refuse(
        project,
        "CREATE SCHEMA app; CREATE TABLE app._dibs_migrations (version text PRIMARY KEY, applied_at "
        "timestamptz NOT NULL)",
        7, "a history of migrations is in schema app (app._dibs_migrations), which is not on the search path",
        "set `history: {schema: app}` in dibs.yaml");
}

TEST_CASE("bad input: what only has the history's name in another schema is no history") {
    const std::string sql =
        GENERATE("CREATE VIEW app._dibs_migrations AS SELECT ''::text AS version, now() AS applied_at",
                 "CREATE TABLE app._dibs_migrations (id int)",
                 "CREATE TYPE app._dibs_migrations AS (version text, applied_at timestamptz)",
                 "CREATE TABLE app.t (i int); CREATE INDEX _dibs_migrations ON app.t (i)");
    Project project;
    add_good(project);
    project.psql("CREATE SCHEMA app; " + sql);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT count(*) FROM public._dibs_migrations") == "1");
}

TEST_CASE("bad input: another session's temporary table is no history") {
    Project project;
    add_good(project);
    const std::string psql = server().binaries().program("psql");
    const Ran ran = run_in(project.folder(),
                           in_shell("mkfifo in; '" + psql + "' -Xqt '" + project.database().url() +
                                        "' <in >out & exec 3>in; echo \"CREATE TEMP TABLE _dibs_migrations "
                                        "(version text, applied_at timestamptz); SELECT 'made';\" >&3; "
                                        "while ! grep -q made out; do :; done; \"$@\"; code=$?; "
                                        "exec 3>&-; wait; exit $code",
                                    {"status"}));
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "0 applied, 1 pending"));
}

TEST_CASE("bad input: attempts that were dropped while the history stayed are made again") {
    Project project;
    add_good(project);
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add_body("m2026_01_02_000000_next", "ctx.execute(\"CREATE TABLE next ()\");");
    SECTION("dropped") {
        project.psql("DROP TABLE _dibs_attempts");
        CHECK(project.dibs({"status"}).code == 0);
        CHECK(project.psql("SELECT to_regclass('_dibs_attempts') IS NULL") == "t");
        CHECK(project.dibs({"migrate", "--dry-run=execute"}).code == 0);
        CHECK(project.psql("SELECT to_regclass('_dibs_attempts') IS NULL") == "t");
        CHECK(project.dibs({"migrate"}).code == 0);
        CHECK(project.psql("SELECT string_agg(event, ' ' ORDER BY id) FROM _dibs_attempts") ==
              "start applied");
        CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "2");
    }
    SECTION("with a view in their place") {
        project.psql("DROP TABLE _dibs_attempts; CREATE VIEW _dibs_attempts AS SELECT 1 AS id");
        check_refused(project.dibs({"migrate"}), 1,
                      "public._dibs_attempts is no table, so it cannot keep what was attempted", "Rename it");
    }
    SECTION("with another table in their place") {
        project.psql("DROP TABLE _dibs_attempts; CREATE TABLE _dibs_attempts (id int)");
        check_refused(project.dibs({"migrate"}), 1, "column a.version does not exist",
                      "If something else has a name that dibs needs, rename it");
        CHECK(project.psql("SELECT to_regclass('next') IS NULL") == "t");
        CHECK(project.psql("SELECT count(*) FROM _dibs_attempts") == "0");
    }
}

TEST_CASE(
    "bad input: rows of the history that nobody's dibs wrote are shown, and do not command the terminal") {
    Project project;
    add_good(project);
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.psql(
        "INSERT INTO _dibs_migrations (version) VALUES (''), (E'\\x1b[2Jcleared'), ('2026_01_01-half')");
    const Ran ran = project.dibs({"status", "--color", "always"});
    INFO(ran.out);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "\\x1b[2Jcleared"));
    CHECK_FALSE(contains(ran.out, "\x1b[2J"));
    CHECK(contains(ran.out, "2026_01_01-half"));
    CHECK(contains(ran.out, "4 applied, 0 pending"));
}

TEST_CASE("bad input: row security that hides the history") {
    Project project;
    add_good(project);
    REQUIRE(project.dibs({"migrate"}).code == 0);
    const std::string role = "limited_" + project.database().name();
    project.psql("ALTER TABLE _dibs_migrations ENABLE ROW LEVEL SECURITY; CREATE ROLE " + role +
                 " LOGIN; GRANT SELECT, INSERT ON _dibs_migrations, _dibs_attempts TO " + role);
    for (const char* const command : {"status", "migrate"})
        check_refused(
            project.dibs({command, "--database-url", project.database().conninfo() + " user=" + role}), 1,
            "cannot read the history \"public\".\"_dibs_migrations\": query would be affected by row-level "
            "security policy",
            "BYPASSRLS");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("bad input: --to a version that does not exist") {
    Project project;
    add_good(project);
    check_refused(project.dibs({"migrate", "--to", "2026_01_01_000000-goood"}), 2,
                  "there is no migration '2026_01_01_000000-goood'",
                  "Did you mean \"2026_01_01_000000-good\"?");
    check_refused(project.dibs({"migrate", "--to", "nonsense"}), 2, "there is no migration 'nonsense'",
                  "`dibs status` lists them");
    check_refused(project.dibs({"migrate", "--to", ""}), 2, "there is no migration ''",
                  "`dibs status` lists them");
    CHECK(untouched(project));
}
