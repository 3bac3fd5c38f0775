#include <unistd.h>

#include "support/refusal.hpp"

using namespace dibs::tests;
namespace fs = std::filesystem;

namespace {

const std::string good = "m2026_01_01_000000_good";

void add_good(Project& project) {
    project.add_body(good, "ctx.execute(\"CREATE TABLE good ()\");");
}

} // namespace

TEST_CASE("bad input: a --dir that is not there") {
    const std::string command = GENERATE("migrate", "status");
    Project project;
    add_good(project);
    check_refused(project.dibs({command, "--dir", "nowhere"}), 1,
                  "cannot read the folder " + (project.folder() / "nowhere").string() + ": No such file",
                  "Build the migrations first (cmake --build), or give their folder with --dir.");
    CHECK(untouched(project));
    CHECK_FALSE(fs::exists(project.folder() / "nowhere"));
}

TEST_CASE("bad input: a --dir that is a file, or empty text") {
    Project project;
    add_good(project);
    check_refused(project.dibs({"migrate", "--dir", "dibs.yaml"}), 1, "dibs.yaml: Not a directory",
                  "Give the migrations' folder with --dir");
    check_refused(project.dibs({"migrate", "--dir", ""}), 2, "--dir is empty", "or leave --dir out");
    CHECK(untouched(project));
}

TEST_CASE("bad input: a --dir that may not be read") {
    const std::string command = GENERATE("migrate", "status");
    Project project;
    add_good(project);
    fs::permissions(project.folder() / "build/migrations", fs::perms::none);
    check_refused(run_in(project.folder(), like_anybody({command, "--dir", "build/migrations"})), 1,
                  "build/migrations: Permission denied", "let this account read it");
    fs::permissions(project.folder() / "build", fs::perms::none); // nor is it told whether it is there
    check_refused(run_in(project.folder(), like_anybody({command})), 1, "build/migrations: Permission denied",
                  "let this account read it");
    fs::permissions(project.folder() / "build", fs::perms::owner_all);
    CHECK(untouched(project));
}

TEST_CASE("bad input: a folder of sources that may not be read is no missing one") {
    Project project;
    add_good(project);
    fs::permissions(project.folder() / "migrations", fs::perms::none);
    check_refused(run_in(project.folder(), like_anybody({"migrate"})), 1, "/migrations: Permission denied",
                  "let this account read it");
    CHECK(untouched(project));
}

TEST_CASE("bad input: one library that may not be read") {
    Project project;
    add_good(project);
    const std::string bad = "m2026_01_02_000000_bad";
    fs::copy(project.library(good), project.library(bad));
    fs::permissions(project.library(bad), fs::perms::none);
    // An account that may enter the server's socket directory, which root without its rights may not.
    std::vector<std::string> argv = like_anybody({"migrate"});
    if (geteuid() == 0) {
        fs::copy(dibs_program(), project.folder() / "dibs");
        const std::string account =
            "$(stat -c %u '" + (server().status().cluster / "PG_VERSION").string() + "')";
        argv = {"/bin/sh", "-c", "exec setpriv --reuid " + account + " --clear-groups ./dibs migrate"};
    }
    check_refused(run_in(project.folder(), argv), 1, bad + ".so: Permission denied", "give the right --dir");
    CHECK(untouched(project));
}

TEST_CASE("bad input: an empty --dir is a warning for migrate, and nothing to status") {
    Project project;
    const Ran migrate = project.dibs({"migrate"});
    CHECK(migrate.code == 0);
    CHECK(contains(migrate.err,
                   "warning: no migrations in " + (project.folder() / "build/migrations").string() + "\n"));
    CHECK(contains(migrate.out, "Nothing to do: 0 applied"));
    const Ran status = project.dibs({"status", "--exit-code"});
    CHECK(status.code == 0);
    CHECK(status.err.empty());
    CHECK(contains(status.out, "`dibs generate NAME` writes the first"));
    CHECK(untouched(project));
}

TEST_CASE("bad input: names of files and folders do not command the terminal") {
    const std::string name = GENERATE("\x1b[31mred", "\xff\x9b", "a\nb");
    const auto shown = [&] {
        return name[0] == '\xff' ? "\\xff\\x9b" : name[0] == 'a' ? "a\nb" : "\\x1b[31mred";
    }();
    Project project;
    add_good(project);
    SECTION("a folder that is not there") {
        check_refused(project.dibs({"migrate", "--dir", name}), 1, shown, "--dir");
    }
    SECTION("a library") {
        fs::copy(project.library(good), project.library("m2026_01_02_000000_" + name));
        check_refused(project.dibs({"migrate", "--color", "always"}), 1,
                      std::string("m2026_01_02_000000_") + shown, "Name it m<YYYY>");
    }
    SECTION("another file, and a folder of nothing else") {
        fs::create_directory(project.folder() / name);
        project.write(fs::path(name) / (name + ".so"), "");
        const Ran ran = project.dibs({"migrate", "--verbose", "--dir", name});
        CHECK(ran.code == 1); // there is a source, and no library of it
        CHECK(contains(ran.err,
                       std::string("Ignored: ") + (project.folder() / "").string() + shown + "/" + shown));
        CHECK(contains(ran.err,
                       "warning: no migrations in " + (project.folder() / "").string() + shown + "\n"));
        CHECK_FALSE(contains(ran.err, "\x1b"));
        CHECK_FALSE(contains(ran.err, "\xff"));
    }
    CHECK(untouched(project));
}

TEST_CASE("bad input: a current folder that was deleted") {
    const std::string command = GENERATE("status", "migrate", "init", "generate next");
    Project project;
    check_refused(run_in(project.folder(),
                         in_shell("mkdir gone && cd gone && rmdir ../gone && exec \"$@\" " + command, {})),
                  2, "the current folder cannot be used: No such file", "change to another one (cd)");
    CHECK(untouched(project));
}

TEST_CASE("bad input: something else in the place of the embedded server's folder") {
    Project project;
    project.write("dibs.yaml", "database: embedded\n");
    SECTION("a file") {
        project.write(".dibs", "mine");
    }
    SECTION("a link to nothing") {
        fs::create_symlink("nowhere", project.folder() / ".dibs");
    }
    SECTION("a folder of something else") {
        fs::create_directories(project.folder() / ".dibs/postgres");
        project.write(".dibs/postgres/mine", "mine");
    }
    const fs::file_status before = fs::symlink_status(project.folder() / ".dibs");
    for (const std::vector<std::string>& words :
         std::vector<std::vector<std::string>>{{"migrate"}, {"status"}, {"db", "start"}, {"db", "status"}})
        check_refused(project.dibs(words), 8, (project.folder() / ".dibs").string(), "out of the way");
    CHECK(fs::symlink_status(project.folder() / ".dibs").type() == before.type());
}

TEST_CASE("bad input: a name for generate that is none") {
    const std::string name = GENERATE(as<std::string>(), "with space", std::string(300, 'x'), "../../evil",
                                      "", "/tmp/evil", "..", "--", "a\nb", "\x1b[31m");
    Project project;
    const auto everything = [&] {
        std::vector<std::string> paths;
        for (const auto& entry : fs::recursive_directory_iterator(project.folder()))
            paths.push_back(entry.path().string());
        return paths;
    };
    const std::vector<std::string> before = everything();
    const Ran ran = project.dibs({"generate", "--", name});
    check_refused(ran, 2, "is no name for a migration", "Nothing was written.");
    CHECK_FALSE(contains(ran.err, "\x1b"));
    CHECK(everything() == before);
    CHECK_FALSE(fs::exists(project.folder() / "../../evil.cpp"));
}
