#include <iterator>
#include <sstream>

#include "support/embedded_project.hpp"
#include "support/project.hpp"
#include "support/snapshot.hpp"

using dibs::tests::check_snapshot;
using dibs::tests::EmbeddedProject;
using dibs::tests::Project;
using dibs::tests::Ran;
using dibs::tests::Session;

namespace {

std::vector<std::string> words_of(const std::string& typed) {
    std::istringstream stream(typed);
    return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

Ran dibs_in(const std::filesystem::path& folder, const std::string& typed) {
    std::vector<std::string> argv = words_of(typed);
    argv.insert(argv.begin(), dibs::tests::dibs_program().string());
    return dibs::tests::run_in(folder, std::move(argv));
}

/// In a project on the tests' server.
class ProjectSession {
  public:
    Project project;

    void type(const std::string& typed) { session_.note(typed, project.dibs(words_of(typed))); }
    [[nodiscard]] std::string text() const { return session_.text(); }

  private:
    static std::string socket() { return dibs::tests::server().status().endpoint.socket_directory.string(); }

    Session session_{
        {{project.folder().string(), "/app"}, {project.database().name(), "shop"}, {socket(), "/socket"}}};
};

} // namespace

TEST_CASE("snapshot: help") {
    const dibs::tests::TemporaryDirectory folder;
    const Ran overview = dibs_in(folder.path(), "--help");
    REQUIRE(overview.code == 0);
    check_snapshot("help", overview.out);
    std::istringstream stream(overview.out.substr(overview.out.find("Commands:\n")));
    std::string line;
    std::getline(stream, line);
    while (std::getline(stream, line) && !line.empty()) {
        const std::string command = words_of(line).front();
        const Ran help = dibs_in(folder.path(), command + " --help");
        CHECK(help.code == 0);
        CHECK(help.err.empty());
        check_snapshot("help_" + command, help.out);
    }
}

TEST_CASE("snapshot: migrate and status") {
    ProjectSession session;
    session.type("status");
    session.type("migrate");
    session.project.add_bodies(
        {{"m2026_01_24_120000_create_users", "ctx.execute(\"CREATE TABLE users (id bigint)\");\n"
                                             "std::puts(\"printed\");\nstd::fflush(stdout);"},
         {"m2026_01_25_093000_add_bio",
          "ctx.log(\"two\\nlines\");\n"
          "ctx.execute(\"DO $$BEGIN RAISE NOTICE 'from the server'; END$$\");"}});
    session.type("status");
    session.type("migrate --dry-run");
    session.type("migrate --dry-run=execute");
    session.type("migrate --to 2026_01_24");
    session.type("migrate");
    session.type("migrate");
    session.type("migrate --quiet");
    session.type("status --exit-code");
    session.type("status --json");
    check_snapshot("migrate", session.text());
}

TEST_CASE("snapshot: a migration that fails") {
    ProjectSession session;
    session.project.add_bodies(
        {{"m2026_01_24_120000_create_users", "ctx.execute(\"CREATE TABLE users (id bigint)\");"},
         {"m2026_01_25_093000_add_bio",
          "ctx.execute(\"ALTER TABLE users\\n  ADD COLUMN bio text,\\n  ADD COLUMM x text\");"},
         {"m2026_01_26_170000_throw", "throw std::runtime_error(\"out of luck\");"}});
    session.type("migrate");
    session.type("migrate --json");
    session.project.add_body("m2026_01_25_093000_add_bio", "");
    session.type("migrate");
    check_snapshot("migrate_failure", session.text());
}

TEST_CASE("snapshot: a migration without a transaction that is interrupted") {
    ProjectSession session;
    session.project.psql(
        "CREATE TABLE users AS SELECT i % 9 AS id, NULL::text AS bio FROM generate_series(1, 10) i");
    session.project.add_body(
        "m2026_01_24_120000_key",
        "ctx.step(\"fill bio\", [&] { ctx.execute(\"UPDATE users SET bio = ''\"); });\n"
        "ctx.step(\"index\", [&] {\n"
        "    ctx.create_index_concurrently({.table = \"users\", .columns = {\"id\"}, .name = "
        "\"users_id\", .unique = true});\n});\n"
        "ctx.step(\"analyze\", [&] { ctx.execute(\"VACUUM ANALYZE users\"); });",
        ".transaction = false");
    session.type("migrate");
    session.type("status");
    session.type("migrate --dry-run");
    session.type("migrate --json");
    session.project.psql("DELETE FROM users WHERE id = 1");
    session.type("migrate");
    session.type("status");
    check_snapshot("interrupted", session.text());
}

TEST_CASE("snapshot: status with every state") {
    ProjectSession session;
    Project& project = session.project;
    project.add_bodies({{"m2026_01_01_000000_applied", ""},
                        {"m2026_01_02_000000_changed", ""},
                        {"m2026_01_03_000000_missing", ""},
                        {"m2026_01_05_000000_edited", ""}});
    REQUIRE(project.dibs({"migrate"}).code == 0);
    project.add_body("m2026_01_02_000000_changed", "ctx.log(\"another text\");");
    std::filesystem::remove(project.library("m2026_01_03_000000_missing"));
    std::filesystem::remove(project.source("m2026_01_03_000000_missing"));
    project.add_bodies({{"m2026_01_04_000000_late", ""}, {"m2026_02_02_000000_stale", ""}});
    project.add_body("m2026_02_01_000000_pending", "", ".description = \"what it is for\"");
    for (const char* stem :
         {"m2026_01_05_000000_edited", "m2026_02_02_000000_stale", "m2026_02_03_000000_fresh"})
        project.write(project.source(stem), dibs::tests::source_around("// not built again"));
    session.type("status");
    session.type("status --exit-code --verbose");
    session.type("migrate");
    session.type("migrate --to 2026_02_01_000000-pending");
    check_snapshot("status", session.text());
}

TEST_CASE("snapshot: init, generate and the embedded server") {
    const EmbeddedProject project;
    const Ran generated = project.dibs({"generate", "backfill-user-data"});
    const std::string now = generated.out.substr(generated.out.find('m', 5) + 1, 17);
    const Ran initialised = project.dibs({"init", "shop"});
    const std::string begun = initialised.out.substr(initialised.out.find("/m2") + 2, 17);
    Session session({{project.folder().string(), "/app"},
                     {dibs::tests::dibs_program().string(), "dibs"},
                     {"%2F" + project.above().filename().string(), "%2F<temporary>"},
                     {now, "YYYY_MM_DD_hhmmss"},
                     {begun, "YYYY_MM_DD_hhmmss"}});
    session.note("init shop", initialised);
    session.note("init shop", project.dibs({"init", "shop"}));
    session.note("generate backfill-user-data", generated);
    session.note("db status", project.dibs({"db", "status"}));
    session.note("db stop", project.dibs({"db", "stop"}));
    session.note("db reset", project.dibs({"db", "reset"}));
    session.note("db start", project.dibs({"db", "start"}));
    session.note("db start", project.dibs({"db", "start"}));
    session.note("db url", project.dibs({"db", "url"}));
    session.note("status", project.dibs({"status"}));
    session.note("db reset", project.dibs({"db", "reset"}));
    session.note("db reset --yes app", project.dibs({"db", "reset", "--yes", "app"}));
    check_snapshot("project", session.text());
}

TEST_CASE("snapshot: what is typed wrong") {
    const dibs::tests::TemporaryDirectory folder;
    Session session({{folder.path().string(), "/home/me"}});
    for (const char* typed : {"migrat",
                              "nonsense",
                              "--quiet",
                              "--colour",
                              "generate",
                              "generate one two",
                              "generate ../../evil",
                              "db",
                              "db strat",
                              "db stop now",
                              "completion bush",
                              "status --exit",
                              "status --exitcode",
                              "init --env x",
                              "migrate --to",
                              "migrate --dry-run=exceute",
                              "migrate --dry-run=x",
                              "status --json=yes",
                              "status --quiet --quiet",
                              "status --color sometimes",
                              "migrate --wait soon",
                              "status",
                              "status --env prod",
                              "status --database-url mysql://root@localhost/x",
                              "status --database-url postgresql://me:hush@127.0.0.1:1/shop",
                              "status --json --database-url postgresql://me:hush@127.0.0.1:1/shop"})
        session.note(typed, dibs_in(folder.path(), typed));
    check_snapshot("mistakes", session.text());
}
