#include <sys/stat.h>
#include <unistd.h>

#include "support/refusal.hpp"

using namespace dibs::tests;
namespace fs = std::filesystem;

namespace {

const std::string stem = "m2026_01_01_000000_good";

void add_good(Project& project) {
    project.add_body(stem, "ctx.execute(\"CREATE TABLE good ()\");");
}

/// migrate refuses, status does not care, and with the option the migration is applied.
void check_unsafe(const Project& project, const std::string& what, const std::string& what_to_do) {
    check_refused(project.dibs({"migrate"}), 1,
                  "the libraries in " + project.library(stem).parent_path().string() +
                      " are not loaded: " + what,
                  "Whoever writes it could run code as you.");
    check_refused(project.dibs({"migrate", "--in-process"}), 1, what, what_to_do);
    check_refused(project.dibs({"migrate", "--dry-run"}), 1, what, "with --allow-unsafe-libraries.");
    CHECK(untouched(project));
    const Ran status = project.dibs({"status"});
    CHECK(status.code == 0);
    CHECK_FALSE(contains(status.err, what));
    CHECK(contains(project.dibs({"status", "--verbose"}).err, "`dibs migrate` will refuse them: "));
    CHECK(project.dibs({"migrate", "--allow-unsafe-libraries"}).code == 0);
    CHECK(project.psql("SELECT to_regclass('good') IS NOT NULL") == "t");
    check_refused(project.dibs({"migrate"}), 1, what, what_to_do); // also with nothing to do
}

/// A library that says so when it is loaded, and a migration that needs it and finds it as these flags say.
void add_with_spy(Project& project, const std::vector<std::string>& flags) {
    project.write("spy.cpp", "#include <cstdio>\n__attribute__((constructor)) static void loaded() { "
                             "std::puts(\"the spy is loaded\"); }\n");
    compile(project.folder() / "spy.cpp", project.folder() / "libspy.so", {"-Wl,-soname,libspy.so"});
    project.write(project.source(stem), source_around("ctx.execute(\"CREATE TABLE good ()\");"));
    std::vector<std::string> all{"-Wl,--no-as-needed", "-L" + project.folder().string(), "-lspy"};
    all.insert(all.end(), flags.begin(), flags.end());
    compile(project.source(stem), project.library(stem), all);
}

} // namespace

TEST_CASE("bad input: a library, or a folder on the way to it, that everyone can write") {
    Project project;
    add_good(project);
    const fs::path library = project.library(stem);
    fs::path open = library;
    mode_t mode = 0666;
    SECTION("the library") {}
    SECTION("its folder") {
        open = library.parent_path();
        mode = 0777;
    }
    SECTION("its folder, with the sticky bit that /tmp has") {
        open = library.parent_path();
        mode = 01777;
    }
    SECTION("a folder above") {
        open = library.parent_path().parent_path();
        mode = 0777;
    }
    SECTION("the folder that a link leads to") {
        open = project.folder() / "elsewhere";
        fs::create_directory(open);
        fs::rename(library, open / "real");
        fs::create_symlink(open / "real", library);
        mode = 0777;
    }
    REQUIRE(chmod(open.c_str(), mode) == 0);
    check_unsafe(project, open.string() + " can be written by everyone",
                 "If it is yours, take that right away (chmod o-w " + open.string() + ")");
    REQUIRE(chmod(open.c_str(), fs::is_directory(open) ? 0755 : 0644) == 0);
    CHECK(project.dibs({"migrate"}).code == 0);
}

TEST_CASE("bad input: a library that a group or another account can write") {
    if (geteuid() != 0) // only root can give a file away
        return;
    Project project;
    add_good(project);
    const fs::path library = project.library(stem);
    SECTION("a group") {
        REQUIRE(chown(library.c_str(), 0, 54321) == 0);
        REQUIRE(chmod(library.c_str(), 0664) == 0);
        check_unsafe(project, library.string() + " can be written by the group with id 54321", "(chmod g-w ");
    }
    SECTION("another account") {
        REQUIRE(chown(library.c_str(), 12345, 12345) == 0);
        check_unsafe(project, library.string() + " belongs to another account (user id 12345)",
                     "give it to your account (chown)");
    }
    SECTION("the account that a folder above belongs to") {
        REQUIRE(chown(project.folder().c_str(), 12345, 12345) == 0);
        check_unsafe(project, project.folder().string() + " belongs to another account", "(chown)");
    }
    SECTION("the group that is the owner's alone, as with the umask 002") {
        REQUIRE(chmod(library.c_str(), 0664) == 0);
        REQUIRE(chmod(library.parent_path().c_str(), 0775) == 0);
        CHECK(project.dibs({"migrate"}).code == 0);
    }
}

TEST_CASE("bad input: allow_unsafe_libraries counts only in a dibs.yaml that nobody else can write") {
    Project project;
    add_good(project);
    REQUIRE(chmod(project.library(stem).c_str(), 0666) == 0);
    const std::string yaml = project.read("dibs.yaml");
    project.write("dibs.yaml", yaml + "allow_unsafe_libraries: maybe\n");
    check_refused(project.dibs({"migrate"}), 2, "dibs.yaml:2:25: \"maybe\" is neither true nor false",
                  "Write true");
    project.write("dibs.yaml", yaml + "allow_unsafe_libraries: false\n");
    check_refused(project.dibs({"migrate"}), 1, "are not loaded", "--allow-unsafe-libraries");
    project.write("dibs.yaml", yaml + "allow_unsafe_libraries: true\n");
    const fs::path file = project.folder() / "dibs.yaml";
    REQUIRE(chmod(file.c_str(), 0666) == 0);
    const Ran ran = project.dibs({"migrate"});
    check_refused(ran, 1, "are not loaded", "--allow-unsafe-libraries");
    CHECK(contains(ran.err, "warning: allow_unsafe_libraries in " + file.string() +
                                " does not count: " + file.string() + " can be written by everyone"));
    CHECK(untouched(project));
    REQUIRE(chmod(file.c_str(), 0644) == 0);
    CHECK(project.dibs({"migrate"}).code == 0);
}

TEST_CASE("bad input: a library that needs others from the current folder") {
    Project project;
    add_with_spy(project, {"-Wl,-rpath,"});
    const Ran missing = project.dibs({"migrate"});
    check_refused(missing, 1, "libspy.so: cannot open shared object file", "Build it again");
    add_with_spy(project, {"-Wl,-rpath,."});
    const Ran refused = project.dibs({"migrate"});
    check_refused(refused, 1,
                  project.library(stem).string() +
                      " is not loaded: it looks for other libraries in ., a path from the "
                      "current folder (its RUNPATH is .)",
                  "Link what it needs by an absolute path, or one that begins with $ORIGIN");
    CHECK_FALSE(contains(missing.out + refused.out, "the spy is loaded"));
    CHECK(untouched(project));
    const Ran allowed = project.dibs({"migrate", "--allow-unsafe-libraries"});
    CHECK(allowed.code == 0);
    CHECK(contains(allowed.out, "the spy is loaded"));
}

TEST_CASE("bad input: an LD_LIBRARY_PATH that leads to the current folder") {
    Project project;
    add_with_spy(project, {});
    const auto migrate = [&](const std::string& path, std::vector<std::string> words = {}) {
        words.insert(words.begin(), {dibs_program(), "migrate"});
        return run_in(project.folder(), words, {{"LD_LIBRARY_PATH", path}});
    };
    for (const char* const path : {":/nowhere", "/nowhere:", ".", "../", "/nowhere;."}) {
        INFO(path);
        const Ran ran = migrate(path);
        check_refused(ran, 1, "libspy.so: cannot open shared object file", "");
        CHECK_FALSE(contains(ran.out, "the spy is loaded"));
        check_refused(migrate(path, {"--in-process"}), 2,
                      "with --in-process it is too late to leave that out",
                      "Set it to absolute paths: LD_LIBRARY_PATH='");
    }
    CHECK(contains(migrate(".").err,
                   "warning: LD_LIBRARY_PATH has '.', a path from the current folder: no library is "
                   "looked for there."));
    CHECK(contains(migrate(":/nowhere", {"--verbose"}).err, "LD_LIBRARY_PATH has an empty entry"));
    CHECK(untouched(project));
    const Ran allowed = migrate(".", {"--in-process", "--dry-run=execute", "--allow-unsafe-libraries"});
    CHECK(allowed.code == 0);
    CHECK(contains(allowed.out, "the spy is loaded"));
    CHECK_FALSE(contains(allowed.err, "LD_LIBRARY_PATH"));
    const Ran absolute = migrate(":" + project.folder().string());
    CHECK(absolute.code == 0);
    CHECK(contains(absolute.out, "the spy is loaded"));
}
