#include <sys/stat.h>

#include <dibs/abi.hpp>
#include <fmt/format.h>

#include "support/refusal.hpp"

using namespace dibs::tests;
namespace fs = std::filesystem;

namespace {

const std::string good = "m2026_01_01_000000_good";
const std::string bad = "m2026_01_02_000000_bad";

/// A migration that could run, in a project where something is wrong beside it.
void add_good(Project& project) {
    project.add_body(good, "ctx.execute(\"CREATE TABLE good ()\");");
}

/// What migrate says of it, after which nothing is in the database.
void check_migrate_refuses(const Project& project, const std::string& what, const std::string& what_to_do) {
    check_refused(project.dibs({"migrate"}), 1, what, what_to_do);
    CHECK(untouched(project));
}

std::string bytes_of(const Project& project, const std::string& stem) {
    return project.read(project.library(stem));
}

/// The library with a piece of its note replaced by one of the same length.
void doctor(const Project& project, const std::string& stem, const std::string& from, const std::string& to) {
    std::string bytes = bytes_of(project, stem);
    const std::size_t at = bytes.find(from);
    REQUIRE(at != std::string::npos);
    REQUIRE(from.size() == to.size());
    project.write(project.library(stem), bytes.replace(at, from.size(), to));
}

} // namespace

TEST_CASE("bad input: a text file named like a library") {
    Project project;
    add_good(project);
    project.write(project.library(bad), std::string(5000, 'x'));
    check_migrate_refuses(project, bad + ".so: not a shared library: no ELF header",
                          "Remove it and build the migrations again.");
    check_refused(project.dibs({"status"}), 1, bad + ".so: not a shared library", "Remove it");
}

TEST_CASE("bad input: a library of no bytes") {
    Project project;
    add_good(project);
    project.write(project.library(bad), "");
    check_migrate_refuses(project, bad + ".so: the file is empty", "build the migrations again");
}

TEST_CASE("bad input: a library cut off at each of 50 places") {
    Project project;
    add_good(project);
    project.add_body(bad, "ctx.execute(\"CREATE TABLE bad ()\");");
    const std::string whole = bytes_of(project, bad);
    for (std::size_t i = 0; i < 50; ++i) {
        project.write(project.library(bad), whole.substr(0, whole.size() * i / 50));
        INFO("cut at " << i << " of 50");
        check_refused(project.dibs({"migrate"}), 1, bad + ".so: ", "build the migrations again");
    }
    CHECK(untouched(project));
}

TEST_CASE(
    "bad input: a file of 2 GB is refused without being read, and a library with as much behind it works") {
    Project project;
    project.write(project.library(bad), "");
    fs::resize_file(project.library(bad), 2'000'000'000);
    check_migrate_refuses(project, bad + ".so: not a shared library", "Remove it");
    fs::remove(project.library(bad));
    add_good(project);
    fs::resize_file(project.library(good), 2'000'000'000);
    CHECK(project.dibs({"migrate"}).code == 0);
}

TEST_CASE("bad input: a shared library without a note") {
    Project project;
    add_good(project);
    project.write("plain.cpp", "extern \"C\" [[gnu::visibility(\"default\")]] void migrate(void*);\n"
                               "void migrate(void*) {}\n");
    compile(project.folder() / "plain.cpp", project.library(bad));
    check_migrate_refuses(project,
                          bad + ".so: a shared library, but not a dibs migration (it has no dibs note)",
                          "Build it with dibs_add_migrations(), from a source that says DIBS_MIGRATION().");
}

TEST_CASE("bad input: a library with another ABI version") {
    Project project;
    add_good(project);
    project.add_body(bad, "ctx.execute(\"CREATE TABLE bad ()\");");
    const std::string own = fmt::format("{}.{}", DIBS_ABI_MAJOR, DIBS_ABI_MINOR);
    SECTION("another major") {
        doctor(project, bad, "abi=" + own, "abi=2" + own.substr(1));
        check_migrate_refuses(project,
                              bad + ".so cannot be loaded: it was built for plug-in ABI 2" + own.substr(1) +
                                  ", this dibs has " + own,
                              "Build the migrations again, with the SDK and the compiler of this dibs.");
    }
    SECTION("a newer minor") {
        doctor(project, bad, "abi=" + own, "abi=1.9");
        check_migrate_refuses(project, "this dibs has only " + own, "Use a newer dibs");
    }
    SECTION("one that makes no sense") {
        doctor(project, bad, "abi=" + own, "abi=x" + own.substr(1));
        check_migrate_refuses(project, bad + ".so: its dibs note makes no sense",
                              "build the migrations again");
    }
}

TEST_CASE("bad input: a library with a sanitizer that dibs has not") {
    Project project;
    add_good(project);
    if (contains(project.dibs({"--version"}).out, "sanitizer"))
        return; // then it might have this one
    project.write(project.source(bad), source_around("ctx.execute(\"CREATE TABLE bad ()\");"));
    compile(project.source(bad), project.library(bad), {"-fsanitize=address"});
    check_migrate_refuses(
        project,
        bad + ".so cannot be loaded: it was built with the sanitizer 'address', and this dibs without one",
        "Build the migrations without the sanitizer, or dibs with it.");
    check_refused(project.dibs({"migrate", "--in-process"}), 1, "the sanitizer 'address'", "or dibs with it");
    CHECK(untouched(project));
}

TEST_CASE("bad input: a library for another machine") {
    Project project;
    add_good(project);
    project.add_body(bad, "ctx.execute(\"CREATE TABLE bad ()\");");
    std::string bytes = bytes_of(project, bad);
    bytes[18] = static_cast<char>(bytes[18] ^ 0x7f); // e_machine
    project.write(project.library(bad), bytes);
    check_migrate_refuses(project, bad + ".so: built for another machine", "build the migrations again");
}

TEST_CASE("bad input: an undefined symbol in a library") {
    Project project;
    add_good(project);
    project.add(bad, "void not_linked();\n" + source_around("not_linked();"));
    check_migrate_refuses(project, bad + ".so: undefined symbol: _Z10not_linkedv", "LINK_LIBRARIES");
}

TEST_CASE("bad input: two files with one version") {
    Project project;
    project.add_body("m2026_01_01_000000_good_one", "ctx.execute(\"CREATE TABLE good ()\");");
    fs::copy(project.library("m2026_01_01_000000_good_one"), project.library("m2026_01_01_000000_good-one"));
    check_migrate_refuses(project,
                          "m2026_01_01_000000_good-one.so: no such date and time, or a name with other than",
                          "Name it m<YYYY>_<MM>_<DD>_<HHMMSS>_<name>");
}

TEST_CASE("bad input: a library that was copied or renamed") {
    Project project;
    add_good(project);
    fs::copy(project.library(good), project.library(bad));
    check_migrate_refuses(project, bad + ".so: built from " + good + ".cpp, so it was renamed or copied",
                          "Rename the source, build again, and remove this file.");
}

TEST_CASE("bad input: a timestamp that does not exist") {
    const std::string stem =
        GENERATE("m2026_02_29_120000_bad", "m2026_13_01_000000_bad", "m2026_01_01_240000_bad");
    Project project;
    add_good(project);
    SECTION("of a library") {
        fs::copy(project.library(good), project.library(stem));
        check_migrate_refuses(project, stem + ".so: no such date and time", "Name it m<YYYY>");
    }
    SECTION("of a source") {
        fs::copy(project.source(good), project.source(stem));
        check_migrate_refuses(project, stem + ".cpp: no such date and time", "Name it m<YYYY>");
    }
}

TEST_CASE("bad input: what is named like a library and is none keeps nobody waiting") {
    Project project;
    add_good(project);
    const fs::path path = project.library(bad);
    SECTION("a pipe") {
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        check_migrate_refuses(project, bad + ".so is named like a migration, but it is no file",
                              "Remove or rename it.");
    }
    SECTION("a device") {
        fs::create_symlink("/dev/zero", path);
        check_migrate_refuses(project, "it is no file", "Remove or rename it.");
    }
    SECTION("a folder") {
        fs::create_directory(path);
        check_migrate_refuses(project, "it is no file", "Remove or rename it.");
    }
    SECTION("a link to itself") {
        fs::create_symlink(path, path);
        check_migrate_refuses(project, "leads nowhere", "Remove or rename it.");
    }
    SECTION("a source that is a pipe") {
        REQUIRE(mkfifo(project.source(bad).c_str(), 0600) == 0);
        check_migrate_refuses(project, bad + ".cpp is named like a migration, but it is no file",
                              "Remove or rename it.");
    }
}

TEST_CASE("bad input: a description that is not UTF-8") {
    Project project;
    project.add_body(bad, "ctx.execute(\"CREATE TABLE bad ()\");", ".description = \"caf\\xe9\"");
    check_migrate_refuses(project, bad + ".so: the .description in it is not UTF-8",
                          "Save its source with the encoding UTF-8");
}
