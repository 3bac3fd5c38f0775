#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "support/library.hpp"
#include "support/program.hpp"
#include "support/project.hpp"
#include "support/refusal.hpp"

namespace {

using dibs::tests::check_refused;
using dibs::tests::contains;
using dibs::tests::Ran;
using dibs::tests::TemporaryDirectory;

/// A schema with a mistake for each value of the variable CASE. Lines are named in the tests.
constexpr const char* sources = R"(#include <dibs/schema_library.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
static bool is(const char* name) { return std::getenv("CASE") != nullptr && std::string(name) == std::getenv("CASE"); }
DIBS_SCHEMA_LIBRARY("schema");
enum class State { open, paid };
struct Team { std::int64_t id; };
struct User { std::int64_t id; std::optional<std::int64_t> team_id; std::string email; std::map<int, int> cache, other; };
struct Order { std::int64_t id; State state; };
DIBS_TABLE(User, "users") {
    table.primary_key(&User::id);
    table.ignore(&User::cache);
    if (!is("unmapped")) table.ignore(&User::other);
    if (is("throws")) throw std::runtime_error("no such luck");
    if (is("throws an error")) throw dibs::Error("schema.cpp:13: DIBS_TABLE(..., \"users\") threw dibs::Error: not today", "Come back tomorrow.");
    if (is("throws an int")) throw 7;
    if (is("crashes")) std::raise(SIGSEGV);
    if (is("exits")) std::exit(0);
    if (is("prints")) std::puts("hello from the body");
    if (is("foreign key")) table.foreign_key(&User::team_id).references(&Team::id);
    if (is("references nothing")) table.foreign_key(&User::team_id);
    if (is("second key")) table.primary_key(&User::email);
    if (is("same name")) table.column(&User::email).name("team_id");
    if (is("ignored")) table.ignore(&User::email), table.unique(&User::email);
    if (is("long")) table.column(&User::email).name(std::string(64, 'x'));
    if (is("two ways")) table.identity(&User::id), table.default_to(&User::id, 1);
}
DIBS_TABLE(Order, is("twice") ? "users" : "orders") {}
DIBS_SQL("a", is("empty") ? " ;" : "SELECT 1", .after = {is("circle") ? "b" : "users", is("unknown") ? "oders" : "orders"});
DIBS_SQL("b", "SELECT 2", .after = {"a"});
)";

class Broken {
  public:
    Broken() {
        dibs::tests::build_library(folder_.path(), "schema", sources);
        std::filesystem::create_directory(folder_.path() / "build");
        std::filesystem::rename(folder_.path() / "schema.so", folder_.path() / "build/schema.so");
    }
    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] Ran schema(const std::string& which, std::vector<std::string> words = {}) const {
        words.insert(words.begin(), {dibs::tests::dibs_program().string(), "schema"});
        return dibs::tests::run_in(folder_.path(), std::move(words), {{"CASE", which}});
    }

  private:
    TemporaryDirectory folder_;
};

} // namespace

TEST_CASE("What a schema's bodies do wrong is told with file and line") {
    const Broken project;
    const auto refuses = [&](const std::string& which, const std::string& what, const std::string& hint = "",
                             const std::vector<std::string>& words = {}) {
        INFO(which);
        const Ran ran = project.schema(which, words);
        check_refused(ran, 1, what, hint);
        CHECK(ran.out.empty());
    };
    CHECK(project.schema("none").code == 0);
    refuses("throws", "schema.cpp:13: DIBS_TABLE(..., \"users\") threw std::runtime_error: no such luck");
    refuses("throws an error", "schema.cpp:13: DIBS_TABLE(..., \"users\") threw dibs::Error: not today",
            "Come back tomorrow.");
    refuses("throws an int", "schema.cpp:13: DIBS_TABLE(..., \"users\") threw int: 7");
    refuses(
        "crashes",
        "schema.cpp:13: DIBS_TABLE(..., \"users\"): the process crashed with signal 11 (Segmentation fault)");
    refuses("exits", "schema.cpp:13: DIBS_TABLE(..., \"users\"): the process was ended by exit(0)");
    refuses("unmapped",
            "schema.cpp:13: DIBS_TABLE(..., \"users\") threw dibs::Error: the type of the member other has "
            "no PostgreSQL type",
            "table.ignore()");
    refuses("foreign key", "schema.cpp:23: a foreign key references the struct Team, which is no table",
            "DIBS_TABLE(Team, \"...\")");
    refuses("references nothing", "schema.cpp:24: a foreign key that references nothing", ".references(");
    refuses("second key", "schema.cpp:25: the table users has a second primary key",
            "The first is at schema.cpp:14");
    refuses("same name", "the column team_id has a name that is taken in the table users",
            "By the column at schema.cpp:13");
    refuses("ignored", "schema.cpp:27: a member is used here that is no column of users", "table.ignore()");
    refuses("long", "has 64 bytes, and PostgreSQL keeps 63", "shorter");
    refuses("two ways", "the column id has more than one of default_to, generated and identity");
    refuses("twice", "schema.cpp:31: the table public.users has a name that is taken",
            "By the table at schema.cpp:13");
    refuses("empty", "schema.cpp:32: the SQL of a is empty");
    refuses("unknown", "schema.cpp:32: DIBS_SQL a names oders, and there is no such table", "orders",
            {"--sql"});
    refuses("circle",
            "these need each other: DIBS_SQL a at schema.cpp:32 needs DIBS_SQL b at schema.cpp:33 needs "
            "DIBS_SQL a",
            ".after", {"--sql"});

    SECTION("what a body prints is not in the output") {
        const Ran ran = project.schema("prints", {"--json"});
        CHECK(ran.code == 0);
        CHECK(ran.out.front() == '{');
        CHECK(!contains(ran.out, "hello"));
        CHECK(contains(ran.err, "hello from the body"));
    }
    SECTION("one form at a time") {
        check_refused(project.schema("none", {"--sql", "--json"}), 2, "one thing at a time", "--sql, --json");
        check_refused(project.schema("none", {"--diagram=png"}), 2, "png", "mermaid");
    }
    SECTION("an SVG needs Graphviz") {
        const Ran ran = dibs::tests::run_in(project.folder(),
                                            {dibs::tests::dibs_program().string(), "schema", "--diagram=svg"},
                                            {{"PATH", "/nowhere"}});
        check_refused(ran, 1, "dot, which is not installed", "graphviz");
    }
    SECTION("a library that others can write is not loaded") {
        using std::filesystem::perms;
        std::filesystem::permissions(project.folder() / "build/schema.so", perms::others_write,
                                     std::filesystem::perm_options::add);
        check_refused(project.schema("none"), 1, "is not loaded", "--allow-unsafe-libraries");
        CHECK(project.schema("none", {"--allow-unsafe-libraries"}).code == 0);
    }
}

TEST_CASE("dibs schema refuses what is no schema's library") {
    dibs::tests::Project project;
    check_refused(project.dibs({"schema"}), 1, "cannot read", "dibs_add_schema(DIRECTORY schema)");
    project.write("build/schema.so", "no library");
    check_refused(project.dibs({"schema"}), 1, "build/schema.so: ", "build the schema again");
    project.add_body("m2026_01_24_120000_first", "");
    std::filesystem::rename(project.library("m2026_01_24_120000_first"),
                            project.folder() / "build/schema.so");
    check_refused(project.dibs({"schema"}), 1, "it is a migration, not a schema", "Build the schema again");
}
