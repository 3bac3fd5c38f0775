#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include <fmt/format.h>

#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

/// With one pending migration, built, and this command in dibs.yaml.
class BuiltProject : public Project {
  public:
    explicit BuiltProject(const std::string& command) {
        add_body("m2026_01_01_000000_one", "");
        write("dibs.yaml", fmt::format("database: \"{}\"\nbuild: |-\n  {}\n", database().url(), command));
    }
    [[nodiscard]] bool applied() const { return psql("SELECT to_regclass('_dibs_migrations')") != ""; }
};

} // namespace

TEST_CASE("migrate and status build first, in the folder of dibs.yaml, and are quiet about it") {
    const BuiltProject project("pwd >> built; echo noise; echo noise >&2");
    std::filesystem::create_directory(project.folder() / "below");
    const std::string program = dibs::tests::dibs_program().string();
    Ran ran = dibs::tests::run_in(project.folder() / "below", {program, "migrate"});
    CHECK(ran.code == 0);
    CHECK(project.read("built") == project.folder().string() + "\n");
    CHECK_FALSE(contains(ran.out + ran.err, "noise"));
    ran = project.dibs({"status", "--json"});
    CHECK(ran.code == 0);
    CHECK(ran.out.starts_with("{\n  \"database\""));
    CHECK(ran.err.empty());
    CHECK(project.read("built").size() == 2 * (project.folder().string().size() + 1));
    ran = project.dibs({"status", "--verbose"});
    CHECK(contains(ran.err, "Building: pwd >> built"));
    CHECK(contains(ran.err, "noise\nnoise\n"));
    CHECK_FALSE(contains(ran.out, "noise"));
}

TEST_CASE("what a build makes is what runs") {
    Project project;
    const std::string stem = "m2026_01_01_000000_one";
    project.add_body(stem, "ctx.execute(\"CREATE TABLE made ()\");");
    std::filesystem::rename(project.library(stem), project.folder() / "kept.so");
    project.write("dibs.yaml", fmt::format("database: \"{}\"\nbuild: mv kept.so build/migrations/{}.so\n",
                                           project.database().url(), stem));
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK(project.psql("SELECT to_regclass('made')") == "made");
}

TEST_CASE("after a failed build its errors are shown as they are, and nothing runs") {
    const BuiltProject project(
        "echo \"  x.cpp:3:5: error: 'user' was not declared\"; echo '    3 | user' >&2; exit 2");
    for (const char* command : {"migrate", "status"}) {
        Ran ran = project.dibs({command});
        CHECK(ran.code == 1);
        CHECK(ran.out.empty());
        CHECK(contains(ran.err,
                       "  x.cpp:3:5: error: 'user' was not declared\n    3 | user\nerror: the build failed "
                       "(exit code 2): echo"));
        CHECK(contains(ran.err, "--no-build"));
        ran = project.dibs({command, "--json"});
        CHECK(ran.code == 1);
        CHECK(ran.out.starts_with("{\n  \"error\": {"));
        CHECK(contains(ran.err, "    3 | user\n"));
    }
    CHECK_FALSE(project.applied());
}

TEST_CASE("a build that a signal ends has failed") {
    const BuiltProject project("kill -9 $$$$"); // in dibs.yaml $$ is a dollar sign
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 1);
    CHECK(contains(ran.err, "the build failed (ended by signal 9 (Killed))"));
    CHECK_FALSE(project.applied());
}

TEST_CASE("with --no-build libraries are taken as they are, and an empty build: is none") {
    const BuiltProject project("touch ran; false");
    CHECK(project.dibs({"status", "--no-build"}).code == 0);
    CHECK(project.dibs({"migrate", "--no-build"}).code == 0);
    CHECK(project.applied());
    project.write("dibs.yaml", fmt::format("database: \"{}\"\nbuild: \"\"\n", project.database().url()));
    CHECK(project.dibs({"migrate"}).code == 0);
    CHECK_FALSE(std::filesystem::exists(project.folder() / "ran"));
}

TEST_CASE("a mistake on the command line is told before a build") {
    const BuiltProject project("touch ran");
    CHECK(project.dibs({"migrate", "--dry-run=perhaps"}).code == 2);
    CHECK(project.dibs({"status", "--database-url", ""}).code == 2);
    CHECK_FALSE(std::filesystem::exists(project.folder() / "ran"));
}

TEST_CASE("two builds of a project wait for each other") {
    const BuiltProject project("mkdir busy && sleep 0.3 && rmdir busy");
    std::vector<dibs::process::Child> children;
    for (const char* name : {"a", "b", "c"})
        children.push_back(project.start({"status"}, name));
    for (dibs::process::Child& child : children)
        CHECK(child.wait().ok());
    const std::string said = project.read("a.err") + project.read("b.err") + project.read("c.err");
    CHECK(contains(said, "Waiting for another build of this project"));
}

TEST_CASE("a server that a build leaves running is not waited for") {
    const BuiltProject project("sleep 600 & echo $$! > left; echo \"x.cpp:1:1: error: last words\"; false");
    const Ran ran = project.dibs({"status"});
    const pid_t left = std::stoi(project.read("left"));
    CHECK(kill(left, SIGKILL) == 0); // it is still there
    CHECK(ran.code == 1);
    CHECK(contains(ran.err, "last words"));
}

TEST_CASE("a build: that another account could have written is not run") {
    const BuiltProject project("touch ran");
    const std::filesystem::path file = project.folder() / "dibs.yaml";
    const auto refused = [&](const std::string& reason) {
        for (const char* command : {"migrate", "status"}) {
            const Ran ran = project.dibs({command});
            CHECK(ran.code == 2);
            CHECK(contains(ran.err, reason));
        }
        CHECK_FALSE(std::filesystem::exists(project.folder() / "ran"));
        CHECK_FALSE(project.applied());
        CHECK(project.dibs({"status", "--no-build"}).code == 0);
    };
    SECTION("the file can be written by everyone") {
        REQUIRE(chmod(file.c_str(), 0666) == 0);
        refused(file.string() + " can be written by everyone");
    }
    SECTION("its folder can be written by everyone, as /tmp can") {
        REQUIRE(chmod(project.folder().c_str(), 01777) == 0);
        refused(project.folder().string() + " can be written by everyone");
    }
    if (geteuid() == 0) { // only root can give a file away
        SECTION("a group can write the file") {
            REQUIRE(chown(file.c_str(), 0, 54321) == 0);
            REQUIRE(chmod(file.c_str(), 0664) == 0);
            refused(file.string() + " can be written by the group with id 54321");
        }
        SECTION("the file is somebody else's") {
            REQUIRE(chown(file.c_str(), 12345, 12345) == 0);
            refused(file.string() + " belongs to another account (user id 12345)");
        }
        SECTION("the folder is somebody else's") {
            REQUIRE(chown(project.folder().c_str(), 12345, 12345) == 0);
            refused(project.folder().string() + " belongs to another account");
        }
        SECTION("the file is somebody else's link to one of ours") {
            std::filesystem::rename(file, project.folder() / "ours.yaml");
            REQUIRE(symlink("ours.yaml", file.c_str()) == 0);
            CHECK(project.dibs({"status"}).code == 0);
            CHECK(std::filesystem::remove(project.folder() / "ran"));
            REQUIRE(lchown(file.c_str(), 12345, 12345) == 0);
            refused(file.string() + " belongs to another account");
        }
    }
}
