#include <chrono>
#include <set>

#include <fmt/format.h>

#include "support/embedded_project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::EmbeddedProject;
using dibs::tests::Ran;
using dibs::tests::TemporaryDirectory;
namespace fs = std::filesystem;

namespace {

Ran init(const fs::path& where, std::vector<std::string> words,
         std::map<std::string, std::string> variables = {}) {
    words.insert(words.begin(), {dibs::tests::dibs_program().string(), "init"});
    return dibs::tests::run_in(where, std::move(words), std::move(variables));
}

std::set<std::string> files_below(const fs::path& folder) {
    std::set<std::string> files;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
        if (!entry.is_directory())
            files.insert(entry.path().lexically_relative(folder).string());
    return files;
}

std::string text_of(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Types the commands that `dibs init app` prints, and a few more, as they stand.
void try_it(const EmbeddedProject& project, const std::string& dibs, const std::string& path) {
    const std::map<std::string, std::string> variables{{"PATH", path}, {"HOME", project.above().string()}};
    const auto shell = [&](const fs::path& folder, const std::string& command) {
        Ran ran = dibs::tests::run_in(folder, {"/bin/sh", "-c", command}, variables);
        INFO(command << "\n" << ran.out << ran.err);
        REQUIRE(ran.code == 0);
        return ran;
    };
    fs::remove(project.folder()); // init makes it
    const auto begun = std::chrono::steady_clock::now();
    const std::string said = shell(project.above(), dibs + " init app").out;
    const std::string next = said.substr(said.find("Next:\n") + 6);
    CHECK(next == fmt::format("  cd app\n  {0} migrate\n  {0} status\n", dibs));
    shell(project.above(), "set -e\n" + next);
    const Ran status = shell(project.folder(), dibs + " status --exit-code");
    const auto took = std::chrono::steady_clock::now() - begun;
    WARN(fmt::format("from init to a green status: {:.1f} s", std::chrono::duration<double>(took).count()));
    CHECK(took < std::chrono::minutes(1));
    CHECK(contains(status.out, "1 applied, 0 pending"));
    CHECK(contains(status.err, "Using the embedded development database in .dibs/postgres"));
    CHECK(shell(project.folder(), dibs + " db psql -- -XAtc \"SELECT to_regclass('users')\"").out ==
          "users\n");

    // The second migration, edited, and one that does not build.
    const std::string source = shell(project.folder(), dibs + " generate add-bio").out;
    const fs::path file = project.folder() / source.substr(0, source.find('\n'));
    CHECK(contains(source, "migrate           # build it and apply it"));
    std::string text = text_of(file);
    const std::string nothing = "ctx.log(\"add_bio does nothing yet\");";
    REQUIRE(contains(text, nothing));
    std::ofstream(file) << std::string(text).replace(text.find(nothing), nothing.size(),
                                                     "ctx.exequte(\"\");");
    const Ran failed = dibs::tests::run_in(project.folder(), {"/bin/sh", "-c", dibs + " migrate"}, variables);
    CHECK(failed.code == 1);
    CHECK(contains(failed.err, "add_bio.cpp:"));
    CHECK(contains(failed.err, "exequte"));
    std::ofstream(file) << text.replace(text.find(nothing), nothing.size(),
                                        "ctx.execute(\"ALTER TABLE users ADD bio text\");");
    shell(project.folder(), dibs + " migrate");
    CHECK(shell(project.folder(), dibs + " db psql -- -XAtc \"SELECT count(bio) FROM users\"").out == "0\n");
}

} // namespace

TEST_CASE("from dibs init to a green status in under a minute, with an installed dibs") {
    const TemporaryDirectory prefix;
    REQUIRE(dibs::tests::run_in(prefix.path(), {"cmake", "--install", dibs::tests::build_tree().string(),
                                                "--prefix", prefix.path().string()})
                .code == 0);
    const std::string path = std::getenv("PATH");
    const std::string bin = (prefix.path() / "bin").string();
    const EmbeddedProject project("");
    SECTION("on the PATH") {
        try_it(project, "dibs", bin + ":" + path);
    }
    SECTION("called by its whole name") {
        try_it(project, bin + "/dibs", path);
    }
}

TEST_CASE("the dibs of a build tree makes projects that build without an installation") {
    const EmbeddedProject project("");
    try_it(project, dibs::tests::dibs_program().string(), std::getenv("PATH"));
}

TEST_CASE("init writes into the current folder, or one that it makes with those above it") {
    const TemporaryDirectory folder;
    Ran ran = init(folder.path(), {"some/new folder"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "  cd 'some/new folder'\n"));
    const std::set<std::string> files = files_below(folder.path() / "some/new folder");
    CHECK(files.size() == 5);
    CHECK(files.contains("CMakeLists.txt"));
    CHECK(files.contains("dibs.yaml"));
    CHECK(files.contains(".gitignore"));
    CHECK(contains(text_of(folder.path() / "some/new folder/CMakeLists.txt"), "project(new_folder "));

    fs::create_directories(folder.path() / "here/migrations"); // empty: in nobody's way
    ran = init(folder.path() / "here", {"--json"});
    CHECK(ran.code == 0);
    CHECK(ran.out.starts_with("{\n  \"folder\": \"" + (folder.path() / "here").string() +
                              "\",\n  \"files\": [\n    \"migrations/m2"));
    CHECK(contains(ran.out, " migrate\",\n"));
    CHECK(files_below(folder.path() / "here").size() == 5);
}

TEST_CASE("init overwrites nothing, and then writes nothing") {
    const TemporaryDirectory folder;
    const fs::path app = folder.path() / "app";
    const auto refused_for = [&](const std::string& what) {
        const std::set<std::string> before = files_below(app);
        const Ran ran = init(folder.path(), {"app"});
        CHECK(ran.code == 2);
        CHECK(contains(ran.err, "dibs init overwrites nothing, and " + app.string() + " has " + what + "\n"));
        CHECK(files_below(app) == before);
    };
    fs::create_directory(app);
    for (const char* name : {"CMakeLists.txt", ".gitignore", "dibs.yaml"}) {
        fs::create_symlink("nowhere", app / name);
        refused_for(name);
        fs::remove(app / name);
    }
    fs::create_directory(app / "migrations");
    std::ofstream(app / "migrations/m2026_01_01_000000_mine.cpp") << "mine\n";
    refused_for("migrations");
    std::ofstream(app / "CMakeLists.txt") << "mine\n";
    refused_for("CMakeLists.txt, migrations");
    CHECK(text_of(app / "CMakeLists.txt") == "mine\n");
}

TEST_CASE("an init that cannot write everything leaves nothing behind") {
    const TemporaryDirectory folder;
    for (const char* most : {"0", "420"}) { // bytes of a file: none, or all of the first
        const Ran ran = dibs::tests::run_in(
            folder.path(), {"/bin/sh", "-c",
                            fmt::format("(trap '' XFSZ; exec prlimit --fsize={} {} init a/b) 2>&1 | cat",
                                        most, dibs::tests::dibs_program().string())});
        INFO(ran.out);
        CHECK(contains(ran.out, "error: cannot write " + folder.path().string() + "/a/b/" +
                                    (most == std::string("420") ? "schema/users.cpp: File too large"
                                                                : "migrations/m2")));
        CHECK_FALSE(fs::exists(folder.path() / "a"));
    }
}

TEST_CASE("init tells what is wrong with a folder") {
    const TemporaryDirectory folder;
    std::ofstream(folder.path() / "file") << "";
    const auto refused = [&](const std::string& typed, int code, const std::string& reason) {
        const Ran ran = init(folder.path(), {typed});
        INFO(ran.err);
        CHECK(ran.code == code);
        CHECK(contains(ran.err, reason));
    };
    refused("file", 2, "file is a file, not a folder");
    refused("file/below", 1, "cannot make the folder " + (folder.path() / "file").string() + ": File exists");
    refused("", 2, "the folder's name is empty");
    refused(std::string(300, 'x'), 2, "File name too long");
    refused("/proc/nothing/app", 1, "cannot make the folder /proc/nothing: No such file");
    CHECK(init(folder.path(), {"one", "two"}).code == 2);
    CHECK(contains(init(folder.path(), {"--dir", "app"}).err, "dibs init has no option --dir"));
    CHECK(files_below(folder.path()) == std::set<std::string>{"file"});
}

TEST_CASE("init minds no dibs.yaml above, and warns of a DATABASE_URL") {
    const TemporaryDirectory folder;
    std::ofstream(folder.path() / "dibs.yaml") << "no: [such thing\n";
    CHECK(init(folder.path(), {"app"}).code == 0);
    const Ran ran =
        init(folder.path(), {"other"}, {{"DATABASE_URL", "postgresql://me:hush@host.invalid/db"}});
    CHECK(ran.code == 0);
    CHECK(contains(ran.err, "warning: DATABASE_URL is set"));
    CHECK_FALSE(contains(ran.out + ran.err, "hush"));
}
