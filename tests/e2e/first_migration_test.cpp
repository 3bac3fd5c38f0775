#include <fstream>
#include <iterator>

#include "support/embedded_project.hpp"
#include "support/server.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::EmbeddedProject;
using dibs::tests::Ran;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void replace(const fs::path& file, const std::string& from, const std::string& to) {
    std::string text = text_of(file);
    REQUIRE(contains(text, from));
    std::ofstream(file) << text.replace(text.find(from), from.size(), to);
}

/// It must succeed.
Ran typed(const EmbeddedProject& project, const std::vector<std::string>& words) {
    Ran ran = project.dibs(words, {{"PATH", std::getenv("PATH")}});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    return ran;
}

} // namespace

TEST_CASE("docs/first-migration.md: struct, diff, generate-from-diff, migrate, status, and again") {
    const EmbeddedProject project("");
    fs::remove(project.folder());
    const Ran made =
        dibs::tests::run_in(project.above(), {dibs::tests::dibs_program().string(), "init", "app"});
    REQUIRE(made.code == 0);
    for (const fs::directory_entry& entry : fs::directory_iterator(project.folder() / "migrations"))
        fs::remove(entry.path()); // the one that init writes says the same
    CHECK(contains(typed(project, {"diff"}).out, "+ table public.users\n\n1 change to make dibs on "));
    CHECK(contains(typed(project, {"generate-from-diff", "create-users"}).out, "_create_users.cpp\n"));
    CHECK(contains(typed(project, {"migrate"}).out, "1 migration applied"));
    CHECK(contains(typed(project, {"status", "--exit-code"}).out, "1 applied, 0 pending"));
    CHECK(contains(typed(project, {"diff", "--exit-code"}).out, "Nothing differs"));

    const fs::path source = project.folder() / "schema/users.cpp";
    replace(source, "    std::string name;\n",
            "    std::string name;\n    std::optional<std::string> bio;\n");
    replace(source, "    table.unique(&User::email);\n",
            "    table.unique(&User::email);\n    table.index(&User::created_at);\n");
    CHECK(contains(
        typed(project, {"diff"}).out,
        "table public.users\n  + column bio text\n  + index users_created_at_idx: btree (created_at)\n"
        "      ! long lock: nobody may write while it is built\n"));
    const std::string written = typed(project, {"generate-from-diff", "add-bio"}).out;
    CHECK(contains(written, "_add_bio_1.cpp\n"));
    CHECK(contains(written, "_add_bio_2.cpp  (with its rollback)\n"));
    CHECK(contains(typed(project, {"migrate"}).out, "2 migrations applied"));
    CHECK(contains(typed(project, {"diff", "--exit-code"}).out, "Nothing differs"));

    // The way back, and a column that has another name now.
    CHECK(contains(typed(project, {"rollback"}).out, "add_bio_2"));
    CHECK(contains(typed(project, {"diff"}).out, "+ index users_created_at_idx"));
    typed(project, {"migrate"});
    typed(project, {"db", "psql", "--", "-c", "INSERT INTO users (email, name) VALUES ('a@b', 'Ann')"});
    replace(source, "    std::string name;\n", "    std::string display_name;\n");
    const Ran refused = project.dibs({"generate-from-diff", "rename"}, {{"PATH", std::getenv("PATH")}});
    CHECK(refused.code == 1);
    CHECK(contains(refused.err, "  column public.users.name: all values\n"));
    CHECK(contains(refused.err, "renamed_from"));
    replace(source, "    table.unique(&User::email);\n",
            "    table.unique(&User::email);\n    table.renamed_from(&User::display_name, \"name\");\n");
    CHECK(contains(typed(project, {"diff"}).out, "  ~ column display_name: renamed from name\n\n1 change "));
    typed(project, {"generate-from-diff", "rename"});
    typed(project, {"migrate"});
    CHECK(contains(typed(project, {"diff", "--exit-code"}).out,
                   "Nothing differs")); // although it still says renamed_from
    CHECK(contains(typed(project, {"db", "psql", "--", "-XAtc", "SELECT display_name FROM users"}).out,
                   "Ann\n"));

    // A table: what PostgreSQL has named after it follows.
    replace(source, "DIBS_TABLE(User, \"users\") {\n",
            "DIBS_TABLE(User, \"people\") {\n    table.renamed_from(\"users\");\n");
    CHECK(contains(typed(project, {"diff"}).out, "  ~ renamed from users\n"));
    typed(project, {"generate-from-diff", "people"});
    typed(project, {"migrate"});
    CHECK(contains(typed(project, {"diff", "--exit-code"}).out, "Nothing differs"));
    CHECK(contains(typed(project, {"db", "psql", "--", "-XAtc", "SELECT display_name FROM people"}).out,
                   "Ann\n"));
    typed(project, {"db", "psql", "--", "-c", "ALTER TABLE people RENAME TO users"});
    replace(source, "DIBS_TABLE(User, \"people\") {\n    table.renamed_from(\"users\");\n",
            "DIBS_TABLE(User, \"users\") {\n");

    // Both names: dibs cannot know which one counts.
    typed(project, {"db", "psql", "--", "-c", "ALTER TABLE users ADD COLUMN name text"});
    const Ran both = project.dibs({"diff"}, {{"PATH", std::getenv("PATH")}});
    CHECK(both.code == 1);
    CHECK(contains(both.err, "users.cpp:"));
    CHECK(contains(both.err, "is declared to be renamed from column public.users.name, and both are there"));
    typed(project, {"db", "psql", "--", "-c", "ALTER TABLE users DROP COLUMN name"});

    // What PostgreSQL refuses of a declaration.
    replace(source, "\"now()\"", "\"nown()\"");
    const Ran wrong = project.dibs({"diff"}, {{"PATH", std::getenv("PATH")}});
    CHECK(wrong.code == 1);
    CHECK(contains(wrong.err, "users.cpp:"));
    CHECK(contains(wrong.err, "PostgreSQL refuses what is declared here: function nown() does not exist"));
}

TEST_CASE("examples/first-migration is what its structs declare") {
    const EmbeddedProject project("");
    for (const char* const name : {"CMakeLists.txt", "dibs.yaml", "schema", "migrations"})
        fs::copy(fs::path(DIBS_TEST_EXAMPLES "/first-migration") / name, project.folder() / name,
                 fs::copy_options::recursive);
    CHECK(contains(typed(project, {"migrate"}).out, "3 migrations applied"));
    CHECK(contains(typed(project, {"diff", "--exit-code"}).out, "Nothing differs"));
}

TEST_CASE("a target that is not the embedded server is tried on a private one of its version") {
    const dibs::tests::Database target;
    const EmbeddedProject project("database: \"" + target.url() + "\"\n");
    std::ofstream(project.folder() / "schema.sql") << "CREATE TABLE t (a int);";
    const Ran ran = typed(project, {"diff", "--schema-file", "schema.sql"});
    CHECK(contains(ran.out, "Starting a PostgreSQL server to try the schema out ..."));
    CHECK(contains(ran.out, "+ table public.t\n"));
    const int major = dibs::tests::server().binaries().major;
    const fs::path directory = project.folder() / (".dibs/scratch-" + std::to_string(major));
    dibs::embedded::Server scratch({.directory = directory});
    CHECK(scratch.status().state == dibs::embedded::Status::State::running);
    CHECK(dibs::tests::psql(scratch, "dibs",
                            "SELECT count(*) FROM pg_database WHERE datname LIKE 'dibs_scratch%'") == "0");
    CHECK(contains(typed(project, {"db", "stop"}).out, "is stopped"));
    CHECK(scratch.status().state == dibs::embedded::Status::State::stopped);
    CHECK(contains(project.dibs({"db", "stop"}).err, "dibs db is for the embedded server"));
    // What is printed for psql is SQL alone.
    const Ran sql = typed(project, {"diff", "--schema-file", "schema.sql", "--sql"});
    CHECK(contains(sql.err, "Starting a PostgreSQL server to try the schema out ..."));
    CHECK(sql.out.starts_with("--"));
    CHECK_FALSE(contains(sql.out, "Starting"));
    CHECK(contains(sql.out, "CREATE TABLE public.t (\n"));
    CHECK(contains(typed(project, {"db", "stop"}).out, "is stopped"));
    scratch.reset();
}

TEST_CASE("what --from names is only read: a schema is tried out on the project's own server") {
    const dibs::tests::Database target;
    const EmbeddedProject project;
    std::ofstream(project.folder() / "schema.sql") << "CREATE TABLE t (a int);";
    const Ran ran = typed(project, {"diff", "--from", target.url(), "--schema-file", "schema.sql"});
    CHECK(contains(ran.out, "+ table public.t\n"));
    CHECK(project.running());
}
