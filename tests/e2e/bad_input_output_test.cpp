#include <algorithm>

#include "support/refusal.hpp"

using namespace dibs::tests;
namespace fs = std::filesystem;

namespace {

const std::string stem = "m2026_01_01_000000_talks";

/// A migration that says more than a pipe holds, in the middle of its transaction.
void add_talkative(Project& project) {
    project.add_body(stem,
                     "ctx.execute(\"CREATE TABLE first ()\");\n"
                     "for (int i = 0; i < 5000; ++i) ctx.log(\"a line of what a migration has to say\");\n"
                     "ctx.execute(\"CREATE TABLE last ()\");");
}

Ran run(const Project& project, const std::string& script, const std::vector<std::string>& words) {
    return run_in(project.folder(), in_shell(script, words));
}

bool applied(const Project& project) {
    return project.psql("SELECT count(*) FROM _dibs_migrations WHERE to_regclass('first') IS NOT NULL AND "
                        "to_regclass('last') IS NOT NULL") == "1";
}

std::vector<std::string> entries(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace

TEST_CASE("bad input: with standard output closed nothing is begun") {
    const std::string closed = GENERATE("exec \"$@\" >&-", "exec \"$@\" >&- <&-", "exec \"$@\" 1</dev/null");
    Project project;
    add_talkative(project);
    const std::vector<std::string> before = entries(project.folder());
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{{"migrate"},
                                                                                       {"migrate", "--json"},
                                                                                       {"status"},
                                                                                       {"generate", "next"},
                                                                                       {"init", "new"},
                                                                                       {"--help"}})
        check_refused(run(project, closed, words), 1, "standard output is closed", "Nothing was changed.");
    CHECK(run(project, "exec \"$@\" >&- 2>&-", {"migrate"}).code == 1);
    CHECK(untouched(project));
    CHECK(entries(project.folder()) == before);
}

TEST_CASE("bad input: with standard error or input closed a migration runs as ever") {
    Project project;
    add_talkative(project);
    CHECK(run(project, "exec \"$@\" 2>&- <&-", {"migrate"}).code == 0);
    CHECK(applied(project));
}

TEST_CASE(
    "bad input: a reader that goes away does not stop a migration, and its exit code is that of the run") {
    const std::string reader = GENERATE("head -n 1", "true");
    const std::string options = GENERATE("", "--in-process");
    Project project;
    add_talkative(project);
    // The migration goes on when nobody reads any more.
    const std::string script = "{ \"$@\" 2>err; echo $? >code; } | " + reader;
    std::vector<std::string> words{"migrate"};
    if (!options.empty())
        words.push_back(options);
    run(project, script, words);
    CHECK(project.read("code") == "0\n");
    CHECK(project.read("err").empty());
    CHECK(applied(project));

    project.add_body("m2026_01_02_000000_fails",
                     "for (int i = 0; i < 5000; ++i) ctx.log(\"a line of what a migration has to say\");\n"
                     "ctx.execute(\"SELECT 1/0\");");
    run(project, script, words);
    CHECK(project.read("code") == "5\n");
    CHECK(contains(project.read("err"), "division by zero"));
}

TEST_CASE("bad input: what a migration throws need be no text") {
    Project project;
    project.add_body(stem, "throw std::runtime_error(\"\\xff\\x1b[2J\");");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "\n  \\xff\\x1b[2J\n"));
    CHECK(project.psql("SELECT message FROM _dibs_attempts WHERE event = 'failed'") ==
          "migrate() threw std::runtime_error: \\xff\\x1b[2J");
}

TEST_CASE("bad input: a full disk behind standard output is told, and no migration is begun") {
    Project project;
    add_talkative(project);
    check_refused(run(project, "exec \"$@\" >/dev/full", {"migrate"}), 1,
                  "cannot write to standard output: No space left on device", "Nothing was changed.");
    CHECK(untouched(project));
    for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
             {"status"}, {"status", "--json"}, {"--version"}, {"migrate", "--help"}})
        check_refused(run(project, "exec \"$@\" >/dev/full", words), 1,
                      "cannot write to standard output: No space left on device",
                      "only what it had to say is lost");
}

TEST_CASE("bad input: a disk that is full in the middle of a migration does not stop it, and is told") {
    Project project;
    add_talkative(project);
    // 20 blocks of 512 bytes, fewer than the migration says.
    check_refused(run(project, "ulimit -f 20; exec \"$@\" >out", {"migrate"}), 1,
                  "cannot write to standard output: File too large", "The command came to its end");
    CHECK(applied(project));
}

TEST_CASE("bad input: no room for a file that dibs writes leaves no half file") {
    Project project;
    const std::vector<std::string> before = entries(project.folder());
    // In blocks of 512 bytes, which is for standard error as well unless that is a pipe.
    const std::string room = GENERATE("0", "1");
    const std::string small = "{ { (ulimit -f " + room +
                              "; exec \"$@\"); echo $? >&3; } 2>&1 | cat >&2; } 3>code; exit $(cat code)";
    check_refused(run(project, small, {"generate", "next"}), 1,
                  "cannot write " + (project.folder() / "migrations/m").string(), "the disk's space");
    fs::remove(project.folder() / "code");
    CHECK(entries(project.folder()) == before);
}

TEST_CASE("bad input: a full disk where dibs writes files leaves no half file") {
    Project project;
    const fs::path disk = project.folder() / "disk";
    fs::create_directory(disk);
    const auto on_small_disk = [&](const std::string& script) {
        return run_in(project.folder(), {"unshare", "--mount", "/bin/sh", "-c",
                                         "mount -t tmpfs -o size=64k none disk && cd disk && " + script,
                                         dibs_program().string()});
    };
    if (on_small_disk("true").code != 0) {
        WARN("no file system can be mounted here: not tried");
        return;
    }
    // The first file of `init` still has room.
    const Ran init =
        on_small_disk("{ cat /dev/zero >full 2>&1; truncate -s -4096 full; \"$0\" init app; code=$?; "
                      "find . -type f; exit $code; }");
    check_refused(init, 1,
                  "cannot write " + (disk / "app/schema/users.cpp").string() + ": No space left on device",
                  "the disk's space");
    CHECK(contains(init.out, "./full"));
    CHECK_FALSE(contains(init.out, "app"));
    const Ran generate =
        on_small_disk("{ : >dibs.yaml; cat /dev/zero >full 2>&1; \"$0\" generate next; code=$?; "
                      "find . -name 'm*.cpp'; exit $code; }");
    check_refused(generate, 1, "_next.cpp: No space left on device", "the disk's space");
    CHECK(generate.out.empty());
}
