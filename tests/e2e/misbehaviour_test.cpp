#include <csignal>

#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

Ran run(Project& project, const std::string& body) {
    project.add("m2026_01_01_000000_odd",
                "#include <unistd.h>\n#include <thread>\n" + dibs::tests::source_around(body));
    return project.dibs({"migrate"});
}

} // namespace

TEST_CASE("a process that a migration leaves behind keeps nobody waiting when the worker dies") {
    const std::string leaves = GENERATE("if (fork() == 0) { sleep(60); _exit(0); }",
                                        "if (std::system(\"exec sleep 60 &\") != 0) return;");
    Project project;
    const Ran ran = run(project, leaves + " std::abort();"); // the test's own time limit says that it ended
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "signal 6"));
}

TEST_CASE("a fork that returns from migrate() does not end the migration for its parent") {
    Project project;
    const Ran ran = run(project, "ctx.execute(\"CREATE TABLE first ()\");\n"
                                 "const pid_t child = fork();\n"
                                 "if (child == 0) return;\n"
                                 "while (kill(child, 0) == 0 && std::getc(std::fopen((\"/proc/\" + "
                                 "std::to_string(child) + \"/cmdline\").c_str(), \"r\")) != EOF) {}\n"
                                 "ctx.execute(\"CREATE TABLE second ()\");");
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT to_regclass('second') IS NOT NULL") == "t");
}

TEST_CASE("a migration that closes its descriptors and goes on is ended") {
    Project project;
    const Ran ran =
        run(project, "ctx.execute(\"CREATE TABLE gone ()\"); for (int i = 0; i < 50; ++i) close(i); "
                     "sleep(60);");
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "it closed the descriptor that connects it to dibs"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("a migration that writes to descriptors that are not its own has failed, whatever it wrote") {
    const auto [bytes, then] = GENERATE(table<std::string, std::string>(
        {{"std::string(100, '\\xff')", ""},
         {"std::string(100000, '\\0')", "ctx.execute(\"SELECT 1\");"},
         {"std::string(1, 'x')", "try { ctx.execute(\"SELECT 1\"); } catch (...) {} for (;;) {}"}}));
    Project project;
    const Ran ran = run(project, "ctx.execute(\"CREATE TABLE gone ()\"); const std::string bytes = " + bytes +
                                     ";\nfor (int i = 3; i < 1024; ++i) if (write(i, bytes.data(), "
                                     "bytes.size()) < 0) continue;\n" +
                                     then);
    INFO(bytes << then << "\n" << ran.out << ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err,
                   "error: 2026_01_01_000000-odd failed: it wrote to the descriptor that connects it "
                   "to dibs, and was ended\n"));
    CHECK(contains(ran.err, "rolled back; nothing was recorded"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
    CHECK(project.psql("SELECT string_agg(event, ' ' ORDER BY id) FROM _dibs_attempts") == "start failed");
    CHECK(project.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid "
                       "FROM pg_database WHERE datname = current_database())") == "0");
    CHECK(project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                       "pg_backend_pid() AND backend_type = 'client backend'") == "0");
}

TEST_CASE("a library that writes to descriptors that are not its own while it is loaded is named") {
    Project project;
    project.add("m2026_01_01_000000_odd",
                "#include <unistd.h>\n#include <string>\n"
                "const bool written = [] { for (int i = 3; i < 1024; ++i) if (write(i, \"some words, too "
                "many\", 20) < 0) continue; return true; }();\n" +
                    dibs::tests::source_around(""));
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 1);
    CHECK(contains(ran.err, "m2026_01_01_000000_odd.so: it wrote to the descriptor that connects it to dibs, "
                            "and was ended while it was loaded"));
}

TEST_CASE("a migration that waits after it wrote half a message is still interrupted by its time limit") {
    Project project;
    project.add("m2026_01_01_000000_odd",
                "#include <unistd.h>\n" +
                    dibs::tests::source_around("for (int i = 3; i < 1024; ++i) if (write(i, \"x\", 1) < 0) "
                                               "continue;\nfor (;;) pause();"));
    const Ran ran = project.dibs({"migrate", "--migration-timeout", "300ms"});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "it took longer than the migration_timeout of 300 ms"));
}

TEST_CASE("threads of one migration may send SQL at the same time") {
    Project project;
    const Ran ran = run(project, R"cpp(
    ctx.execute("CREATE TABLE t (i int)");
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] { for (int k = 0; k < 100; ++k) ctx.execute("INSERT INTO t VALUES (1)"); });
    })cpp");
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT count(*) FROM t") == "400");
}

TEST_CASE("what a migration or the server says moves no cursor, and stands under its migration") {
    Project project;
    const Ran ran = run(project, R"cpp(
    ctx.log("red \x1b[31m\nand more\r\n");
    ctx.execute("DO $$ BEGIN RAISE NOTICE E'\\x1b[2J'; END $$");
    std::fputs("printed \x1b[1m\n", stdout); std::fflush(stdout);
    throw std::runtime_error("one\n\x07two");)cpp");
    CHECK(contains(ran.out, "       red \\x1b[31m\n       and more\n       NOTICE: \\x1b[2J\n"));
    CHECK(contains(ran.out, "       | printed \\x1b[1m\n"));
    CHECK(contains(ran.err, "  one\n  \\x07two\n"));
    CHECK_FALSE(contains(ran.out + ran.err, "\x1b"));
}

TEST_CASE("an exception that says nothing is reported by its type") {
    Project project;
    const Ran ran =
        run(project, "struct Silent : std::exception { const char* what() const noexcept override { "
                     "return nullptr; } }; throw Silent();");
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "migrate() threw migrate::Silent\n"));
}

TEST_CASE("the worker's command typed by a person is no command, and no crash") {
    Project project;
    const Ran ran = project.dibs({"__worker", "abc"});
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "unknown command '__worker'"));
    CHECK(project.dibs({"__worker", "999"}).code == 0); // a line that is not open has ended
}

TEST_CASE(
    "a migration that takes longer than migration_timeout is ended, whether it computes or waits for SQL") {
    const std::string body =
        GENERATE("for (;;) {}", "ctx.execute(\"SELECT pg_sleep(60)\");",
                 "for (;;) try { ctx.execute(\"SELECT pg_sleep(60)\"); } catch (...) {}");
    const bool by_option = GENERATE(true, false);
    Project project;
    project.add_body("m2026_01_01_000000_slow", "ctx.execute(\"CREATE TABLE gone ()\"); " + body);
    if (!by_option)
        project.write("dibs.yaml", project.read("dibs.yaml") + "migration_timeout: 300ms\n");
    const Ran ran =
        by_option ? project.dibs({"migrate", "--migration-timeout", "300ms"}) : project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "it took longer than the migration_timeout of 300 ms"));
    CHECK(contains(ran.err, "rolled back; nothing was recorded"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
    CHECK(project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                       "pg_backend_pid() AND backend_type = 'client backend'") == "0");
}

TEST_CASE("what a migration prints without flushing stands under it, also when a later one fails") {
    Project project;
    project.add("m2026_01_01_000000_prints",
                "#include <iostream>\n" +
                    dibs::tests::source_around("std::puts(\"by C\"); std::cout << \"by C++\\n\";"));
    project.add_body("m2026_01_02_000000_fails", "ctx.execute(\"nonsense\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out);
    CHECK(ran.code == 5);
    CHECK(
        contains(ran.out, "  1/2  2026_01_01_000000-prints\n       | by C\n       | by C++\n       done, "));
}

TEST_CASE("a migration whose threads run on when it returns has failed") {
    Project project;
    const Ran ran =
        run(project, "ctx.execute(\"CREATE TABLE gone ()\"); std::thread([] { pause(); }).detach();");
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "it returned while one of its threads ran on\n"));
    CHECK(contains(ran.err, "hint: Join them before"));
    CHECK(project.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("threads that a migration joins are no failure") {
    Project project;
    const Ran ran = run(project, "for (int i = 0; i < 200; ++i) { std::thread one([] {}); std::thread two([] "
                                 "{}); one.join(); two.join(); }");
    CHECK(ran.code == 0);
}

TEST_CASE("a worker that is killed while the server works for it takes that work with it") {
    Project project;
    const bool transaction = GENERATE(true, false);
    project.add_body("m2026_01_01_000000_sleeps",
                     "ctx.log(std::to_string(getpid()));\nctx.execute(\"SELECT pg_sleep(600)\");",
                     transaction ? "" : ".transaction = false");
    const auto begun = std::chrono::steady_clock::now();
    auto run = project.start({"migrate"}, "run");
    const char* const sleeping =
        "SELECT count(*) FROM pg_stat_activity WHERE query ~ 'pg_sleep.600' AND state = 'active' AND "
        "datname = current_database() AND pid <> pg_backend_pid()";
    REQUIRE(eventually([&] { return project.psql(sleeping) == "1"; }));
    const std::string said = project.read("run.out");
    kill(std::stoi(said.substr(said.find("sleeps\n") + 7)), SIGKILL);
    const int code = run.wait().code;
    INFO(project.read("run.out") << project.read("run.err"));
    CHECK(code == (transaction ? 5 : 6));
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(60));
    CHECK(contains(project.read("run.err"), "sleeps failed: the process was killed with signal 9 (Killed): "
                                            "by hand, or because memory ran out\n"));
    CHECK(contains(project.read("run.err"), "    SELECT pg_sleep(600)\n"));
    CHECK(contains(project.read("run.err"), "at m2026_01_01_000000_sleeps.cpp:"));
    CHECK(project.psql(sleeping) == "0");
}
