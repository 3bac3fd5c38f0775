#include <fstream>

#include "support/embedded_project.hpp"
#include "support/refusal.hpp"

using namespace dibs::tests;
namespace fs = std::filesystem;

namespace {

/// A project that could migrate, but for this dibs.yaml.
void check_refuses(const std::string& yaml, const std::string& what, const std::string& what_to_do) {
    Project project;
    project.add_body("m2026_01_01_000000_good", "ctx.execute(\"CREATE TABLE good ()\");");
    const std::string good = project.read("dibs.yaml");
    project.write("dibs.yaml", yaml);
    for (const char* const command : {"status", "migrate"}) {
        const Ran ran = project.dibs({command});
        check_refused(ran, 2, what, what_to_do);
        CHECK_FALSE(contains(ran.out + ran.err, "geheim"));
    }
    project.write("dibs.yaml", good);
    CHECK(untouched(project));
}

/// A command that does nothing but to refuse.
void check_refused_words(const std::vector<std::string>& words, const std::string& what,
                         const std::string& what_to_do) {
    Project project;
    check_refused(project.dibs(words), 2, what, what_to_do);
    CHECK(untouched(project));
}

} // namespace

TEST_CASE("bad input: broken YAML") {
    check_refuses("database: embedded\nhistory: {schema: app\n",
                  "error: dibs.yaml:", "Put the value in quotes");
    check_refuses("database: \"postgresql://u:geheim@h/d\nlock_wait: 5s\n",
                  "dibs.yaml:1:11: this quote is never closed", "End the value with the same quote.");
    check_refuses("database: postgresql://u@h/d\n  lock_wait: 5s\n", "dibs.yaml:2:12: this is not YAML",
                  "Put the value in quotes");
    check_refuses("just a text", "dibs.yaml:1:1: a text, where names with values are expected",
                  "Write name: value, with a space after the colon.");
}

TEST_CASE("bad input: a YAML bomb") {
    std::string bomb = "a: &a {x: lol}\n";
    for (char name = 'b'; name <= 'z'; ++name)
        bomb += std::string(1, name) + ": &" + name + " {x: *" + static_cast<char>(name - 1) + ", y: *" +
                static_cast<char>(name - 1) + "}\n";
    check_refuses(bomb, "dibs.yaml:1:4: anchors (&) and aliases (*) are not used here",
                  "Write the value out");
    check_refuses(std::string(100'000, '{'), "dibs.yaml:1:", "");
    check_refuses("database: " + std::string(2'000'000, 'x'), "this file is larger than 1 MiB",
                  "Is it the right file?");
}

TEST_CASE("bad input: a tab in the YAML") {
    check_refuses("history:\n\tschema: app\n", "dibs.yaml:2:1: a tab is no indentation in YAML",
                  "Indent with spaces.");
}

TEST_CASE("bad input: a value of the wrong type") {
    check_refuses("history: app\n", "dibs.yaml:1:10: \"history\" takes names with values, not a text",
                  "indented");
    check_refuses("database: [a, b]\n", "dibs.yaml:1:11: a list, where none is expected", "quotes");
    check_refuses("lock_wait: soon\n", "dibs.yaml:1:12: \"soon\" is not a duration",
                  "Write a whole number and a unit");
    check_refuses("history: {table: " + std::string(60, 'x') + "}\n",
                  "the name of a table has 1 to 54 bytes, this one 60", "Choose another name");
}

TEST_CASE("bad input: a dibs.yaml that is no text") {
    check_refuses("database: caf\xe9\n", "dibs.yaml:1:14: this file is not UTF-8 text",
                  "Save it with the encoding UTF-8.");
    check_refuses(std::string("\x7f"
                              "ELF\0\0",
                              6),
                  "dibs.yaml:1:1: a control character", "Remove it");
    check_refuses("\xff\xfe", "this file is not UTF-8 text", "UTF-8");
}

TEST_CASE("bad input: an unknown setting, environment or variable") {
    check_refuses("databse: embedded\n", "dibs.yaml:1:1: ", "database");
    check_refuses("database: ${NO_SUCH_VARIABLE}\n", "dibs.yaml:1:11: ", "Pass --database-url URL");
    check_refused_words({"status", "--env", "prodction"}, "no environment \"prodction\" (--env)",
                        "environments:");
}

TEST_CASE("bad input: a dibs.yaml that cannot be read") {
    check_refused_words({"status", "--config", "nowhere.yaml"}, "cannot read nowhere.yaml: No such file",
                        "Check the path");
    check_refused_words({"status", "--config", "."}, "is a folder, not a file", "--config FILE");
    Project project;
    fs::remove(project.folder() / "dibs.yaml");
    fs::create_symlink("dibs.yaml", project.folder() / "dibs.yaml");
    check_refused(project.dibs({"migrate"}), 2, "cannot read dibs.yaml: Too many levels of symbolic links",
                  "Check the path");
    fs::remove(project.folder() / "dibs.yaml");
    project.write("dibs.yaml", "database: embedded\n");
    fs::permissions(project.folder() / "dibs.yaml", fs::perms::none);
    check_refused(run_in(project.folder(), like_anybody({"migrate"})), 2,
                  "cannot read dibs.yaml: Permission denied", "Check the path and its permissions");
    CHECK_FALSE(fs::exists(project.folder() / ".dibs"));
}

TEST_CASE("bad input: an unknown command or option") {
    check_refused_words({"migrat"}, "unknown command 'migrat'", "Did you mean \"migrate\"?");
    check_refused_words({"\x1b[2J"}, "unknown command '\\x1b[2J'", "`dibs --help` lists the commands.");
    check_refused_words({"migrate", "--dri-run"}, "has no option --dri-run", "Did you mean \"--dry-run\"?");
    check_refused_words({"migrate", "--dry-run=exectue"}, "exectue", "plan");
    check_refused_words({"status", "everything"}, "'everything' is one word too many", "Usage: dibs status");
    check_refused_words({"db", "strat"}, "strat", "start");
}

TEST_CASE("bad input: an empty DATABASE_URL is no missing one") {
    Project project;
    project.add_body("m2026_01_01_000000_good", "ctx.execute(\"CREATE TABLE good ()\");");
    const Ran ran = run_in(project.folder(), {dibs_program(), "migrate"}, {{"DATABASE_URL", ""}});
    check_refused(ran, 2, "DATABASE_URL is empty", "or unset it");
    CHECK(untouched(project));
}

TEST_CASE("bad input: the caller's variables do not lead away from the embedded server") {
    const EmbeddedProject project;
    std::ofstream(project.above() / "services") << "[other]\nhost=127.0.0.1\nhostaddr=127.0.0.1\nport=1\n";
    const auto run = [&](const std::string& name, const std::string& value) {
        const Ran ran = project.dibs(
            {"status"}, {{name, value}, {"PGSERVICEFILE", (project.above() / "services").string()}});
        INFO(name << "\n" << ran.out << ran.err);
        CHECK(ran.code == 0);
        CHECK(contains(ran.out, "0 applied, 0 pending on dibs on /"));
    };
    for (const char* const name :
         {"PGHOST", "PGHOSTADDR", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGREQUIREPEER", "PGSSLMODE"})
        run(name, "127.0.0.1");
    run("PGPORT", "1");
    run("PGSERVICE", "other");
    run("PGSERVICE", "missing");
    run("PGTARGETSESSIONATTRS", "standby");
    run("PGCHANNELBINDING", "require");
    run("PGGSSENCMODE", "require");
    run("PGCONNECT_TIMEOUT", "soon");
}

TEST_CASE("bad input: PGOPTIONS and PGCLIENTENCODING change no history") {
    Project project;
    project.add_body("m2026_01_01_000000_good",
                     "ctx.execute(\"CREATE TABLE good ()\"); ctx.log(\"\xc3\xbc\");",
                     ".description = \"\xc3\xbc\"");
    const auto migrate = [&](const std::string& options) {
        return run_in(project.folder(), {dibs_program(), "migrate"},
                      {{"PGOPTIONS", options}, {"PGCLIENTENCODING", "LATIN1"}});
    };
    check_refused(migrate("-c search_path=nowhere"), 1, "no schema on the search path exists",
                  "Set `history: {schema: ...}` in dibs.yaml");
    check_refused(migrate("-c nonsense"), 8, "-c nonsense requires a value", "the PG* variables");
    CHECK(untouched(project));
    const Ran ran = migrate(
        "-c default_transaction_read_only=on -c client_encoding=LATIN1 -c standard_conforming_strings=off "
        "-c default_transaction_isolation=serializable -c statement_timeout=1 -c row_security=on");
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT description FROM _dibs_migrations") == "\xc3\xbc");
    check_refused(migrate("-c search_path=nowhere"), 7, "a history of migrations is in schema public",
                  "`history: {schema: public}`");
}
