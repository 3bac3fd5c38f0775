#include <csignal>

#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

/// One migration that succeeds, one with this body, one after it.
Ran run_between(Project& project, const std::string& body) {
    project.add_bodies({{"m2026_01_01_000000_before", "ctx.execute(\"CREATE TABLE users (id int)\");"},
                        {"m2026_01_02_000000_fails", body},
                        {"m2026_01_03_000000_after", "ctx.execute(\"CREATE TABLE later ()\");"}});
    Ran ran = project.dibs({"migrate"});
    CHECK(project.psql("SELECT string_agg(name, ' ') FROM _dibs_migrations") == "before");
    CHECK(project.psql("SELECT to_regclass('later') IS NULL") == "t");
    return ran;
}

} // namespace

TEST_CASE("a failed statement is told whole, is rolled back, and those before it stay") {
    Project project;
    const Ran ran = run_between(project, "ctx.execute(\"CREATE TABLE gone ()\");\n"
                                         "ctx.execute(\"UPDATE users\\n   SET nme = 'ü', id = 1\");");
    CHECK(ran.code == 5);
    CHECK(contains(ran.out, "  1/3  2026_01_01_000000-before"));
    CHECK(contains(ran.out, "1 applied, 1 failed, 1 not run"));
    CHECK(contains(ran.err, "error: 2026_01_02_000000-fails failed\n"
                            "  42703: column \"nme\" of relation \"users\" does not exist\n"
                            "  at m2026_01_02_000000_fails.cpp:16\n"
                            "\n"
                            "    UPDATE users\n"
                            "       SET nme = 'ü', id = 1\n"
                            "           ^\n"
                            "\n"
                            "  rolled back; nothing was recorded\n"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
    CHECK(
        project.psql(
            "SELECT event || ' ' || version || ' ' || sqlstate FROM _dibs_attempts WHERE event = 'failed'") ==
        "failed 2026_01_02_000000-fails 42703");
}

TEST_CASE("a migration that failed needs no repair: mended, it runs, and nothing reminds of it") {
    Project project;
    run_between(project, "ctx.execute(\"CREATE TABLE gone ()\"); ctx.execute(\"SELECT 1 / 0\");");
    CHECK(contains(project.dibs({"status"}).out, "pending  2026_01_02_000000-fails"));
    project.add_body("m2026_01_02_000000_fails", "ctx.execute(\"CREATE TABLE gone ()\");");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    const Ran status = project.dibs({"status", "--exit-code"});
    CHECK(status.code == 0);
    CHECK(status.err.empty());
    CHECK(contains(status.out, "applied  2026_01_02_000000-fails"));
}

TEST_CASE("the caret stands right in the first statement, behind what dibs sends with it") {
    Project project;
    const Ran ran = run_between(project, "ctx.execute(\"SELECT 'äöü', nope\");");
    CHECK(contains(ran.err, "    SELECT 'äöü', nope\n                  ^\n"));
    const Ran again = project.dibs({"migrate"});
    CHECK(again.code == 5); // nothing was left behind that would change the outcome
}

TEST_CASE("of several statements the failing one is named, with its detail and hint") {
    Project project;
    const Ran ran =
        run_between(project, "ctx.execute(\"CREATE TABLE a (i int PRIMARY KEY); INSERT INTO a VALUES (1); "
                             "INSERT INTO a VALUES (1)\");");
    CHECK(contains(ran.err, "23505: duplicate key value"));
    CHECK(contains(ran.err, "detail: Key (i)=(1) already exists."));
    CHECK(contains(ran.err, "fails.cpp:15, statement 3\n"));
}

TEST_CASE("dibs hints where PostgreSQL does not") {
    Project limit;
    CHECK(contains(run_between(limit, "ctx.execute(\"UPDATE users SET id = 1 LIMIT 10\");").err,
                   "hint: PostgreSQL has no UPDATE or DELETE with LIMIT"));
    Project concurrently;
    CHECK(
        contains(run_between(concurrently, "ctx.execute(\"CREATE INDEX CONCURRENTLY ON users (id)\");").err,
                 "hint: Put it into a migration of its own that says DIBS_MIGRATION(.transaction = false)"));
    Project together;
    together.add_body("m2026_01_01_000000_one",
                      "ctx.execute(\"CREATE TABLE a (i int); CREATE INDEX CONCURRENTLY ON a (i)\");",
                      ".transaction = false");
    CHECK(contains(together.dibs({"migrate"}).err, "and into an execute() of its own"));
    Project value;
    value.psql("CREATE TYPE mood AS ENUM ('a')");
    CHECK(contains(run_between(value, "ctx.execute(\"ALTER TYPE mood ADD VALUE 'b'\"); "
                                      "ctx.execute(\"SELECT 'b'::mood\");")
                       .err,
                   "hint: New enum values must be committed before they can be used. Add the value in one "
                   "migration, and use it in the next.\n"));
}

TEST_CASE("what cannot run in a transaction is refused with the option that makes it run") {
    Project project;
    project.psql(
        "CREATE TABLE t (i int); CREATE INDEX t_i ON t (i); CREATE TABLE p (i int) PARTITION BY RANGE (i); "
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (1); CREATE PROCEDURE commits() LANGUAGE "
        "plpgsql AS 'BEGIN COMMIT; END'");
    project.add_body("m2026_01_01_000000_hints", R"cpp(
    for (const char* const sql :
         {"CREATE INDEX CONCURRENTLY ON t (i)", "drop index concurrently t_i", "REINDEX TABLE CONCURRENTLY t", "VACUUM t",
          "ALTER SYSTEM SET work_mem = '4MB'", "CREATE DATABASE other", "DROP DATABASE other", "CLUSTER",
          "CREATE TABLESPACE x LOCATION '/nowhere'", "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY",
          "CALL commits()", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"})
        try {
            ctx.savepoint([&] { ctx.execute(sql); });
            ctx.log(std::string(sql) + ": ran");
        } catch (const dibs::Error& error) {
            ctx.log(std::string(sql) + ": " + std::string(error.hint()));
        }
    )cpp");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    const std::string option =
        ": Put it into a migration of its own that says DIBS_MIGRATION(.transaction = false)";
    for (const std::string sql :
         {"CREATE INDEX CONCURRENTLY ON t (i)", "drop index concurrently t_i", "REINDEX TABLE CONCURRENTLY t",
          "VACUUM t", "ALTER SYSTEM SET work_mem = '4MB'", "CREATE DATABASE other", "DROP DATABASE other",
          "CLUSTER", "CREATE TABLESPACE x LOCATION '/nowhere'",
          "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY"})
        CHECK(contains(ran.out, sql + option));
    CHECK(contains(ran.out, "ctx.create_index_concurrently() builds an index there"));
    CHECK(contains(ran.out, "ctx.drop_index_concurrently() drops an index there"));
    CHECK(
        contains(ran.out, "CALL commits(): What commits by itself can do so only outside of a transaction"));
    CHECK(contains(ran.out, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE:\n"));
}

TEST_CASE("what runs in a transaction only is refused where there is none with a word on how to begin one") {
    Project project;
    project.psql("CREATE TABLE t ()");
    project.add_body("m2026_01_01_000000_locks", "ctx.execute(\"LOCK TABLE t\");", ".transaction = false");
    CHECK(contains(project.dibs({"migrate"}).err,
                   "hint: A migration with .transaction = false has no transaction: put "
                   "BEGIN, this and COMMIT into one execute()"));
}

TEST_CASE("an exception of any type is a failed migration with a report") {
    const auto [body, expected] = GENERATE(table<std::string, std::string>({
        {"throw 42;", "migrate() threw int\n  42\n"},
        {"throw \"a literal\";", "migrate() threw const char*\n  a literal\n"},
        {"throw std::string(\"text\");", "migrate() threw std::string\n  text\n"},
        {"throw std::vector<int>(3).at(7);", "migrate() threw std::out_of_range\n  vector::_M_range_check"},
        {"struct Mine {}; throw Mine();", "migrate() threw migrate::Mine\n"},
        {"throw dibs::Error(\"no users\", \"Add one.\");", "failed\n  no users\n  hint: Add one.\n"},
    }));
    Project project;
    const Ran ran = run_between(project, "ctx.execute(\"CREATE TABLE gone ()\"); " + body);
    CHECK(ran.code == 5);
    INFO(ran.err);
    CHECK(contains(ran.err, expected));
    CHECK(contains(ran.err, "rolled back; nothing was recorded"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("a plug-in that crashes or exits is a failed migration, and dibs lives") {
    const auto [body, expected] = GENERATE(table<std::string, std::string>({
        {"std::signal(SIGSEGV, SIG_DFL); std::raise(SIGSEGV);", "signal 11"},
        {"std::abort();", "signal 6"},
        {"std::raise(SIGKILL);", "signal 9"},
        {"std::exit(3);", "exit(3)"},
        {"std::exit(0);", "exit(0)"},
        {"std::terminate();", "signal 6"},
        {"_exit(0);", "exit(0)"},
        {"struct Deep { static int down(int n) { volatile char frame[4096] = {}; return frame[n % 4096] + (n "
         "< 0 ? 0 : "
         "down(n + 1)) + frame[0]; } }; ctx.log(std::to_string(Deep::down(1)));",
         "signal 11"},
    }));
    Project project;
    const Ran ran = run_between(project, "ctx.execute(\"CREATE TABLE gone ()\"); " + body);
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, expected));
    CHECK(contains(ran.err, "rolled back; nothing was recorded"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("a crash names the last SQL and its line, and nothing of the migration stays") {
    Project project;
    project.add_body("m2026_01_01_000000_crashes",
                     "ctx.execute(\"CREATE TABLE gone ()\");\n"
                     "std::printf(\"about to crash\\n\"); std::fflush(stdout);\n"
                     "std::signal(SIGSEGV, SIG_DFL); std::raise(SIGSEGV);");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "error: 2026_01_01_000000-crashes failed: the process crashed with signal 11"));
    CHECK(contains(ran.err, "at m2026_01_01_000000_crashes.cpp:15\n"));
    CHECK(contains(ran.err, "    CREATE TABLE gone ()\n"));
    CHECK(contains(ran.out, "| about to crash\n"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
}

TEST_CASE("a library that crashes while it is loaded, or cannot be, stops the run before its first change") {
    Project project;
    project.add_body("m2026_01_01_000000_fine", "ctx.execute(\"CREATE TABLE t ()\");");
    SECTION("a static constructor crashes") {
        project.add("m2026_01_02_000000_bad", dibs::tests::source_around("") +
                                                  "static const int crash = (std::signal(SIGSEGV, SIG_DFL), "
                                                  "std::raise(SIGSEGV));\n");
        const Ran ran = project.dibs({"migrate"});
        CHECK(ran.code == 1);
        CHECK(contains(ran.err, "m2026_01_02_000000_bad.so: the process crashed with signal 11"));
    }
    SECTION("a static constructor throws") {
        project.add("m2026_01_02_000000_bad", dibs::tests::source_around("") +
                                                  "static const int thrown = [] () -> int { throw "
                                                  "std::runtime_error(\"too early\"); }();\n");
        const Ran ran = project.dibs({"migrate"});
        CHECK(ran.code == 1);
        CHECK(contains(ran.err, "m2026_01_02_000000_bad.so"));
    }
    SECTION("a symbol is undefined") {
        project.add("m2026_01_02_000000_bad",
                    "void not_linked();\n" + dibs::tests::source_around("not_linked();"));
        const Ran ran = project.dibs({"migrate"});
        CHECK(ran.code == 1);
        CHECK(contains(ran.err, "m2026_01_02_000000_bad.so: undefined symbol: _Z10not_linkedv"));
        CHECK(contains(ran.err, "LINK_LIBRARIES"));
    }
    CHECK(project.psql("SELECT to_regclass('t') IS NULL AND to_regclass('_dibs_migrations') IS NULL") == "t");
}

TEST_CASE("a library after the first 64 of a run that cannot be loaded fails when its turn has come") {
    Project project;
    project.add_series("one", "ctx.execute(\"SELECT 1\");", 80);
    std::string reason;
    SECTION("a static constructor crashes") {
        project.add("m2026_01_02_000000_bad", dibs::tests::source_around("") +
                                                  "static const int crash = (std::signal(SIGSEGV, SIG_DFL), "
                                                  "std::raise(SIGSEGV));\n");
        reason = "the process crashed with signal 11";
    }
    SECTION("a symbol is undefined") {
        project.add("m2026_01_02_000000_bad",
                    "void not_linked();\n" + dibs::tests::source_around("not_linked();"));
        reason = "undefined symbol: _Z10not_linkedv";
    }
    project.add_body("m2026_01_03_000000_after", "ctx.execute(\"CREATE TABLE after ()\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "error: 2026_01_02_000000-bad failed\n"));
    CHECK(contains(ran.err, "m2026_01_02_000000_bad.so: " + reason));
    CHECK(contains(ran.err, "rolled back; nothing was recorded"));
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "80");
    CHECK(project.psql("SELECT count(*) FROM _dibs_attempts WHERE event = 'failed'") == "1");
    CHECK(project.psql("SELECT to_regclass('after') IS NULL") == "t");
}

TEST_CASE("an error that a migration swallows is no success") {
    Project project;
    SECTION("in the first statement, where BEGIN has not even run") {
        CHECK(run_between(project, "try { ctx.execute(\"SELEKT\"); } catch (const dibs::Error&) {}").code ==
              5);
    }
    SECTION("and another statement is tried") {
        const Ran ran =
            run_between(project, "try { ctx.execute(\"SELEKT\"); } catch (const dibs::Error&) {}\n"
                                 "ctx.execute(\"CREATE TABLE gone ()\");");
        CHECK(ran.code == 5);
        CHECK(contains(ran.err, "savepoint"));
    }
    SECTION("in a later one") {
        const Ran ran =
            run_between(project, "ctx.execute(\"CREATE TABLE gone ()\");\n"
                                 "try { ctx.execute(\"SELECT 1/0\"); } catch (const dibs::Error&) {}");
        CHECK(ran.code == 5);
        CHECK(contains(ran.err, "22012: division by zero"));
        CHECK(contains(ran.err, "caught this error"));
    }
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("what fails at COMMIT is rolled back and told") {
    Project project;
    const Ran ran = run_between(
        project, "ctx.execute(\"CREATE TABLE a (i int PRIMARY KEY); CREATE TABLE b (i int REFERENCES "
                 "a DEFERRABLE INITIALLY DEFERRED); INSERT INTO b VALUES (1)\");");
    CHECK(ran.code == 5);
    CHECK(contains(ran.err,
                   "23503: at COMMIT: insert or update on table \"b\" violates foreign key constraint"));
    CHECK(project.psql("SELECT to_regclass('a') IS NULL") == "t");
}

TEST_CASE("a connection that is cut in a migration leaves nothing of it") {
    Project project;
    const Ran ran = run_between(project, "ctx.execute(\"CREATE TABLE gone ()\");\n"
                                         "ctx.execute(\"SELECT pg_terminate_backend(pg_backend_pid())\");");
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "the connection to the server was lost"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("a runner that is killed leaves no worker and nothing of the migration") {
    Project project;
    project.add("m2026_01_01_000000_computes",
                "#include <unistd.h>\n" +
                    dibs::tests::source_around("ctx.execute(\"CREATE TABLE gone ()\");\n"
                                               "std::FILE* const file = std::fopen(\"worker.new\", \"w\");\n"
                                               "std::fprintf(file, \"%d\", static_cast<int>(getpid()));\n"
                                               "std::fclose(file);\n"
                                               "std::rename(\"worker.new\", \"worker.pid\");\n"
                                               "for (volatile int i = 0; i == 0;) {}"));
    dibs::process::Child runner = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] { return std::filesystem::exists(project.folder() / "worker.pid"); }));
    const pid_t worker = std::stoi(project.read("worker.pid"));
    CHECK(worker != runner.pid());
    CHECK(kill(worker, 0) == 0);
    kill(runner.pid(), SIGKILL);
    runner.wait();
    CHECK(eventually([&] {
        return kill(worker, 0) != 0 || !std::filesystem::exists("/proc/" + std::to_string(worker) + "/exe");
    }));
    CHECK(eventually([&] {
        return project.psql(
                   "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                   "pg_backend_pid()") == "0";
    }));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
}

TEST_CASE("what a migration prints stays out of the JSON") {
    Project project;
    project.add_body("m2026_01_01_000000_prints",
                     "std::puts(\"{not json\"); std::fflush(stdout); ctx.log(\"a \\\"log\\\" line\");");
    const Ran ran = project.dibs({"migrate", "--json"});
    CHECK(ran.code == 0);
    CHECK(ran.out.substr(0, 2) == "{\n");
    CHECK(contains(ran.out, "\"{not json\""));
    CHECK(contains(ran.out, "a \\\"log\\\" line"));
}
