#include <string>

#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;
using dibs::tests::ScratchCluster;
using dibs::tests::unseen;

namespace {

const std::string commits =
    "ctx.execute(\"" + unseen + "CREATE TABLE stays (); COMMIT; BEGIN; CREATE TABLE gone ()\"); ";

void check_told(const Project& project, const Ran& ran) {
    INFO(ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "it committed its transaction itself, so what it did before is applied; nothing "
                            "was recorded\n"));
    CHECK_FALSE(contains(ran.err, "rolled back; nothing"));
    CHECK(project.psql("SELECT to_regclass('stays') IS NOT NULL, to_regclass('gone') IS NULL") == "t|t");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
}

Ran run_before_another(Project& project, const std::string& body) {
    project.add_bodies({{"m2026_01_01_000000_ends", body},
                        {"m2026_01_02_000000_later", "ctx.execute(\"CREATE TABLE later ()\");"}});
    Ran ran = project.dibs({"migrate"});
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    CHECK(project.psql("SELECT to_regclass('later') IS NULL") == "t");
    return ran;
}

} // namespace

TEST_CASE("a migration that ends its own transaction is caught, and not recorded") {
    Project project;
    SECTION("COMMIT, alone") {
        const Ran ran = run_before_another(project, "ctx.execute(\"CREATE TABLE stays ()\"); ctx.execute(\"" +
                                                        unseen + "COMMIT\");");
        CHECK(ran.code == 6);
        CHECK(contains(ran.err, "ended its own transaction"));
        CHECK(contains(ran.err,
                       "it committed its transaction itself, so what it did before is applied; nothing was "
                       "recorded"));
    }
    SECTION("COMMIT and BEGIN in one") {
        const Ran ran =
            run_before_another(project, "ctx.execute(\"CREATE TABLE stays ()\"); ctx.execute(\"" + unseen +
                                            "COMMIT; BEGIN\"); "
                                            "ctx.execute(\"CREATE TABLE gone ()\");");
        CHECK(ran.code == 6);
        CHECK(contains(ran.err, "ended its own transaction"));
        CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
    }
    SECTION("COMMIT in the very first message") {
        CHECK(run_before_another(project,
                                 "ctx.execute(\"" + unseen + "CREATE TABLE stays (); COMMIT; SELECT 1\");")
                  .code == 6);
    }
    SECTION("COMMIT, with the error caught") {
        CHECK(run_before_another(project,
                                 "try { ctx.execute(\"" + unseen +
                                     "CREATE TABLE stays (); COMMIT\"); } catch (const dibs::Error&) {}")
                  .code == 6);
    }
    CHECK(project.psql("SELECT to_regclass('stays') IS NOT NULL") == "t");
}

TEST_CASE(
    "a migration that begins another transaction in the place of its own is caught, however it does that") {
    Project project;
    project.add_body("m2026_01_02_000000_fails",
                     "const std::string ends = ctx.query(\"TABLE said\").one().get<std::string>(0); "
                     "ctx.execute(\"CREATE TABLE IF NOT "
                     "EXISTS a ()\"); try { ctx.execute(\"" +
                         unseen +
                         "\" + ends); } catch (const dibs::Error&) { ctx.execute(\"ROLLBACK; BEGIN; " +
                         unseen + "\"); } ctx.execute(\"CREATE TABLE gone ()\");");
    for (const char* const ends :
         {"commit; begin", "END; START TRANSACTION", "Abort; BEGIN", "ROLLBACK AND CHAIN", "COMMIT AND CHAIN",
          "PREPARE TRANSACTION 'x'; BEGIN", "SAVEPOINT s; COMMIT; BEGIN", "SELECT 1/0; -- and then"}) {
        project.psql("DROP TABLE IF EXISTS said; CREATE TABLE said AS SELECT $$" + std::string(ends) +
                     "$$::text");
        const Ran ran = project.dibs({"migrate"});
        INFO(ends << '\n' << ran.err);
        CHECK(ran.code == 6);
        CHECK(contains(ran.err, "ended its own transaction"));
        CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
        CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    }
}

TEST_CASE("a migration may go back to a savepoint of its own, and say COMMIT in a text") {
    Project project;
    project.add_body("m2026_01_01_000000_savepoint", R"cpp(
        ctx.execute("CREATE TABLE a (t text); SAVEPOINT mine");
        try {
            ctx.execute("SELECT 1/0");
        } catch (const dibs::Error&) {
            ctx.execute("ROLLBACK TO mine");
        }
        ctx.execute("INSERT INTO a VALUES ('COMMIT; BEGIN')");
        ctx.execute("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$");
    )cpp");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT t, f() FROM a") == "COMMIT; BEGIN|1");
}

TEST_CASE("ROLLBACK in a migration is caught as well") {
    Project project;
    const Ran ran = run_before_another(project, "ctx.execute(\"CREATE TABLE gone ()\"); ctx.execute(\"" +
                                                    unseen + "ROLLBACK; BEGIN\");");
    CHECK(ran.code == 6);
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("a migration that commits and then fails in the transaction that it has begun is not called rolled "
          "back") {
    const std::string fails =
        GENERATE(as<std::string>(), "ctx.execute(\"SELECT 1 / 0\");", "throw std::runtime_error(\"no\");",
                 "std::abort();", "try { ctx.execute(\"SELECT nope\"); } catch (const dibs::Error&) {}");
    Project project;
    project.add_body("m2026_01_01_000000_commits", commits + fails);
    INFO(fails);
    check_told(project, project.dibs({"migrate"}));
}

TEST_CASE("a migration that commits and then fails in the same execute() is not called rolled back") {
    Project project;
    project.add_body("m2026_01_01_000000_commits",
                     "ctx.execute(\"" + unseen +
                         "CREATE TABLE stays (); COMMIT; BEGIN; CREATE TABLE gone (); SELECT 1 / 0\");");
    check_told(project, project.dibs({"migrate"}));
}

TEST_CASE("a migration that commits and then does not get its lock is not run again") {
    Project project;
    project.psql("CREATE TABLE ran (i int)");
    project.add_body("m2026_01_01_000000_commits",
                     "ctx.execute(\"INSERT INTO ran VALUES (1)\"); " + commits +
                         "ctx.execute(\"DO $$ BEGIN RAISE lock_not_available; END $$\");");
    check_told(project, project.dibs({"migrate"}));
    CHECK(project.psql("SELECT count(*) FROM ran") == "1");
}

TEST_CASE("the one statement that can have ended the transaction is shown") {
    Project project;
    project.add_body("m2026_01_01_000000_commits", "ctx.execute(\"CREATE TABLE stays ()\");\n"
                                                   "ctx.execute(\"" +
                                                       unseen +
                                                       "COMMIT AND CHAIN\");\n"
                                                       "ctx.execute(\"CREATE TABLE gone ()\");");
    const Ran ran = project.dibs({"migrate"});
    check_told(project, ran);
    CHECK(contains(ran.err, "at m2026_01_01_000000_commits.cpp:16\n\n    " + unseen + "COMMIT AND CHAIN\n"));
}

TEST_CASE("a migration that rolls its transaction back is not called committed") {
    Project project;
    project.add_body("m2026_01_01_000000_rolls_back",
                     "ctx.execute(\"CREATE TABLE gone ()\"); ctx.execute(\"" + unseen +
                         "ROLLBACK AND CHAIN\");");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "it rolled its transaction back itself, but what it did after that may be "
                            "committed; nothing was recorded\n"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("a transaction that a migration has prepared is named, with what ends it") {
    const std::string then = GENERATE(as<std::string>(), "", "; BEGIN");
    const ScratchCluster cluster;
    dibs::embedded::Server server = cluster.server({.settings = {{"max_prepared_transactions", "2"}}});
    server.ensure_running();
    Project project;
    project.add_body("m2026_01_01_000000_prepares", "ctx.execute(\"CREATE TABLE kept ()\"); ctx.execute(\"" +
                                                        unseen + "PREPARE TRANSACTION 'it''s mine'" + then +
                                                        "\");");
    const Ran ran = project.dibs({"migrate", "--database-url", server.url("dibs")});
    INFO(ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err,
                   "it prepared its transaction as 'it''s mine', which keeps its locks until somebody says "
                   "COMMIT PREPARED 'it''s mine' or ROLLBACK PREPARED 'it''s mine'; nothing was recorded\n"));
    CHECK(cluster.psql("SELECT gid FROM pg_prepared_xacts") == "it's mine");
    CHECK(cluster.psql("ROLLBACK PREPARED 'it''s mine'; SELECT count(*) FROM _dibs_migrations") == "0");
}

TEST_CASE("SQL that ends the transaction is refused before it is sent") {
    Project project;
    project.add_bodies(
        {{"m2026_01_01_000000_first", "ctx.execute(\"CREATE TABLE first ()\");"},
         {"m2026_01_02_000000_ends", "ctx.execute(\"CREATE TABLE gone_too ()\");\n"
                                     "ctx.execute(ctx.query(\"TABLE said\").one().get<std::string>(0));"}});
    for (const char* const option : {"--dry-run=execute", "--strict"})
        for (const std::string sql :
             {"BEGIN; CREATE TABLE gone (); COMMIT;", "CREATE TABLE gone (); /* */ commit", "END",
              "ABORT WORK", "ROLLBACK; BEGIN", "rollback transaction and chain", "PREPARE TRANSACTION 'x'"}) {
            project.psql("DROP TABLE IF EXISTS said; CREATE TABLE said AS SELECT $$" + std::string(sql) +
                         "$$::text");
            const Ran ran = project.dibs({"migrate", option});
            INFO(sql << '\n' << ran.err);
            CHECK(ran.code == 5);
            CHECK(contains(ran.err, "the SQL would end the migration's own transaction; it was not sent\n"));
            CHECK(contains(ran.err, "Leave BEGIN, COMMIT and ROLLBACK out"));
            CHECK(contains(ran.err, "at m2026_01_02_000000_ends.cpp:16\n\n    " + sql + "\n    "));
            CHECK(project.psql("SELECT to_regclass('gone') IS NULL, to_regclass('gone_too') IS NULL") ==
                  "t|t");
            CHECK(project.psql("SELECT to_regclass('first') IS NULL") ==
                  (std::string_view(option) == "--strict" ? "f" : "t"));
        }
}

TEST_CASE("a migration that catches the refusal does not go on") {
    Project project;
    project.add_body("m2026_01_01_000000_catches",
                     "ctx.execute(\"CREATE TABLE gone ()\"); try { ctx.execute(\"COMMIT\"); } catch (const "
                     "dibs::Error&) {}" +
                         GENERATE(as<std::string>(), "", " ctx.execute(\"CREATE TABLE gone_too ()\");"));
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "rolled back; nothing was recorded"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL, to_regclass('gone_too') IS NULL") == "t|t");
}
