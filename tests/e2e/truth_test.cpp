#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;
using dibs::tests::unseen;

namespace {

/// A project with a history, to which something is done before the second migration runs.
Ran second_after(Project& project, const std::string& sql) {
    project.add_body("m2026_01_01_000000_first", "");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.psql(sql);
    project.add_body("m2026_01_02_000000_second", "ctx.execute(\"CREATE TABLE gone ()\");");
    return project.dibs({"migrate"});
}

/// Other tests run on the same server.
const char* const own_locks = "CREATE VIEW own_locks AS SELECT classid, objid FROM pg_locks WHERE locktype = "
                              "'advisory' AND granted AND database = "
                              "(SELECT oid FROM pg_database WHERE datname = current_database())";

} // namespace

TEST_CASE("a transaction that a migration without one leaves open is no success") {
    Project project;
    project.add_body("m2026_01_01_000000_forgets",
                     "ctx.execute(\"BEGIN\"); ctx.execute(\"CREATE TABLE gone ()\");",
                     ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "began a transaction and did not end it"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
}

TEST_CASE("a migration whose history row a trigger keeps out is not applied") {
    const std::string does = GENERATE("RETURN NULL;", "NEW.version := 'other'; RETURN NEW;");
    Project project;
    const Ran ran =
        second_after(project, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " + does +
                                  " END $$; CREATE TRIGGER t BEFORE INSERT ON _dibs_migrations FOR EACH ROW "
                                  "EXECUTE FUNCTION f()");
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "a trigger on the history kept its row out"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
}

TEST_CASE("a trigger that a migration puts on the history, and that keeps its row out, is told of") {
    const std::string options = GENERATE("", ".transaction = false");
    Project project;
    project.add_body("m2026_01_01_000000_hides",
                     "ctx.execute(\"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN "
                     "NULL; END $$; CREATE TRIGGER t BEFORE INSERT ON _dibs_migrations FOR EACH ROW EXECUTE "
                     "FUNCTION f()\");",
                     options);
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "a trigger on the history kept its row out"));
    if (options.empty()) {
        CHECK(contains(ran.err, "all that it did is committed; nothing was recorded"));
        CHECK(contains(ran.err, "`dibs baseline` records it"));
    }
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    CHECK(project.psql("SELECT count(*) FROM pg_trigger WHERE tgname = 't'") == "1");
}

TEST_CASE("a column that somebody added to the history is not taken for a COMMIT of the migration's") {
    Project project;
    const Ran ran =
        second_after(project, "ALTER TABLE _dibs_migrations ADD COLUMN team text NOT NULL DEFAULT 'a'; ALTER "
                              "TABLE _dibs_migrations ALTER COLUMN team DROP DEFAULT");
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "the history row could not be written: null value in column \"team\""));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("a client encoding that a migration sets changes nothing of what dibs itself writes") {
    const std::string encoding = GENERATE("LATIN1", "SJIS");
    const std::string sets = "ctx.execute(\"SET client_encoding = '" + encoding + "'\"); ";
    const std::string description = "Größe";
    Project project;
    project.add_body("m2026_01_01_000000_once", sets, ".description = \"" + description + "\"");
    project.add_body("m2026_01_02_000000_steps",
                     sets + "ctx.step(\"" + description +
                         "\", [&] {}); if (ctx.query(\"SHOW client_encoding\").one().get<std::string>(0) != "
                         "\"" +
                         encoding + "\") throw std::runtime_error(\"it is not as it was\");",
                     ".transaction = false, .description = \"" + description + "\"");
    project.add_body("m2026_01_03_000000_fails",
                     sets + "ctx.step(\"two\", [&] {}); throw std::runtime_error(\"" + description + "\");",
                     ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations WHERE description = '" + description + "'") ==
          "2");
    CHECK(project.psql("SELECT step FROM _dibs_steps WHERE version LIKE '%-steps'") == description);
    CHECK(project.psql("SELECT message FROM _dibs_attempts WHERE event = 'interrupted'") ==
          "migrate() threw std::runtime_error: " + description);
}

TEST_CASE("a statement_timeout that a migration leaves does not end what dibs itself writes") {
    Project project;
    project.add_body("m2026_01_01_000000_first", "");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.psql("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); "
                 "RETURN NEW; END $$; CREATE TRIGGER slow BEFORE INSERT ON _dibs_attempts FOR EACH ROW WHEN "
                 "(NEW.event IN ('start', 'interrupted')) EXECUTE FUNCTION slow()");
    const std::string sets = "ctx.execute(\"SET statement_timeout = '400ms'\"); ";
    project.add_body("m2026_01_02_000000_leaves", sets);
    project.add_body("m2026_01_03_000000_fails", sets + "throw 42;", ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 6);
    CHECK(project.psql("SELECT event FROM _dibs_attempts WHERE version LIKE '%-fails' ORDER BY id") ==
          "start\ninterrupted");
}

TEST_CASE("a dry run finds what would fail only at COMMIT, and defers again for those that follow") {
    Project project;
    const std::string tables =
        "ctx.execute(\"CREATE TABLE a (i int PRIMARY KEY); CREATE TABLE b (i int REFERENCES a "
        "DEFERRABLE INITIALLY DEFERRED)\");";
    project.add_bodies({{"m2026_01_01_000000_tables", tables},
                        {"m2026_01_02_000000_late", "ctx.execute(\"INSERT INTO b VALUES (1)\"); "
                                                    "ctx.execute(\"INSERT INTO a VALUES (1)\");"}});
    CHECK(project.dibs({"migrate", "--dry-run=execute"}).code == 0);
    project.add_body("m2026_01_03_000000_never", "ctx.execute(\"INSERT INTO b VALUES (2)\");");
    const Ran ran = project.dibs({"migrate", "--dry-run=execute"});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "2026_01_03_000000-never failed\n  23503: at COMMIT: "));
    CHECK(project.psql("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == "0");
}

TEST_CASE("a dry run whose migration commits does not say that all was rolled back") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_one", ""},
                        {"m2026_01_02_000000_two", "ctx.execute(\"" + unseen + "COMMIT\");"}});
    const Ran ran = project.dibs({"migrate", "--dry-run=execute"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "what this run did before may be committed and recorded"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
}

TEST_CASE("COPY to or from the client is refused, however much there is") {
    const std::string call =
        GENERATE("ctx.execute(\"COPY (SELECT generate_series(1, 300000)) TO STDOUT\");",
                 "(void)ctx.query(\"COPY (SELECT generate_series(1, 300000)) TO STDOUT\");",
                 "ctx.execute(\"CREATE TABLE t (i int)\"); ctx.execute(\"COPY t FROM STDIN\");");
    Project project;
    project.add_body("m2026_01_01_000000_copies", call);
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "COPY with STDIN or STDOUT cannot go through"));
}

TEST_CASE("settings of the database do not change what a migration reads, nor that it may write") {
    Project project;
    for (const char* const setting :
         {"extra_float_digits = 0", "bytea_output = escape", "standard_conforming_strings = off",
          "client_encoding = LATIN1", "default_transaction_isolation = serializable",
          "default_transaction_deferrable = on", "statement_timeout = 50",
          "default_transaction_read_only = on"})
        project.psql("ALTER DATABASE \"" + project.database().name() + "\" SET " + setting);
    project.add_body("m2026_01_01_000000_reads", R"cpp(
    ctx.execute("SELECT pg_sleep(0.1)");
    const auto row = ctx.query("SELECT 0.1::float8 + 0.2 AS sum, 'ab'::bytea AS bytes, $1::text AS text", "ä€").one();
    if (row.get<double>("sum") != 0.1 + 0.2) throw dibs::Error("sum");
    if (row.get<std::vector<std::byte>>("bytes").size() != 2) throw dibs::Error("bytes");
    if (row.get<std::string>("text") != "ä€") throw dibs::Error("text");)cpp");
    project.add_body("m2026_01_02_000000_writes", "ctx.execute(\"CREATE TABLE t ()\");",
                     ".transaction = false");
    project.add_body("m2026_01_03_000000_fails", "ctx.execute(\"SELEKT\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(contains(ran.err, "2026_01_03_000000-fails failed"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "2");
    CHECK(project.psql("SELECT version FROM _dibs_attempts WHERE event = 'failed'") ==
          "2026_01_03_000000-fails");
}

TEST_CASE("what became out of order while a run waited for the lock is refused") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add_body("m2026_01_03_000000_newer", "while (ctx.query(\"SELECT count(*) = 0 FROM pg_class WHERE "
                                                 "relname = 'go'\").one().get<bool>(0)) {}");
    dibs::process::Child holder = project.start({"migrate"}, "holder");
    REQUIRE(eventually([&] {
        return project.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") == "1";
    }));
    project.add_body("m2026_01_02_000000_older", "ctx.execute(\"CREATE TABLE older ()\");");
    dibs::process::Child waiter = project.start({"migrate", "--to", "2026_01_02"}, "waiter");
    REQUIRE(eventually([&] { return contains(project.read("waiter.out"), "Waiting for another run"); }));
    project.psql("CREATE TABLE go ()");
    CHECK(holder.wait().code == 0);
    CHECK(waiter.wait().code == 7);
    CHECK(project.psql("SELECT to_regclass('older') IS NULL") == "t");
}

TEST_CASE("a migration that releases every lock of its session does not release that of dibs") {
    Project project;
    project.psql(own_locks);
    project.psql("CREATE TABLE seen (locks int)");
    project.add_body("m2026_01_01_000000_releases", "ctx.execute(\"SELECT pg_advisory_unlock_all()\");");
    // Looks from outside, before its own first SQL.
    project.add("m2026_01_02_000000_looks",
                "#include <cstdlib>\n" +
                    dibs::tests::source_around(
                        "std::system(\"psql -Xqc 'INSERT INTO seen SELECT count(*) FROM own_locks' '" +
                        project.database().url() + "'\");"));
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT locks FROM seen") == "1");
}

TEST_CASE("a run that lost the lock to another ends after the migration that released it") {
    Project project;
    project.psql(own_locks);
    project.psql("CREATE TABLE seen (classid oid, objid oid)");
    project.psql(
        "CREATE PROCEDURE take() LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_lock((classid::bigint "
        "<< 32) | objid::bigint) FROM seen; END $$");
    const std::string psql = "psql -Xq '" + project.database().url() + "' -c ";
    project.add("m2026_01_01_000000_releases",
                "#include <cstdlib>\n" + dibs::tests::source_around(
                                             "std::system(R\"(" + psql +
                                             "'INSERT INTO seen SELECT classid, objid FROM own_locks')\"); "
                                             "ctx.execute(\"SELECT pg_advisory_unlock_all()\"); "
                                             "std::system(R\"(" +
                                             psql +
                                             "'CALL take()' -c 'SELECT pg_sleep(60)' >/dev/null 2>&1 &)\"); "
                                             "while (ctx.query(\"SELECT FROM own_locks\").empty()) {}"));
    project.add_body("m2026_01_02_000000_next", "ctx.execute(\"CREATE TABLE gone ()\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 4);
    CHECK(contains(ran.err,
                   "2026_01_01_000000-releases released the migration lock, and another run has it now"));
    CHECK(project.psql("SELECT version FROM _dibs_migrations") == "2026_01_01_000000-releases");
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}
