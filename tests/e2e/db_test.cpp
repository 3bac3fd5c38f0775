#include <fcntl.h>
#include <stdlib.h>

#include <array>

#include "process/file_descriptor.hpp"
#include "support/embedded_project.hpp"
#include "support/text.hpp"

using dibs::process::FileDescriptor;
using dibs::tests::contains;
using dibs::tests::EmbeddedProject;
using dibs::tests::Ran;

namespace {

/// What dibs, run on a terminal, prints when this is typed.
std::string typed_into(const EmbeddedProject& project, const std::vector<std::string>& words,
                       const std::string& typed, int& code) {
    const FileDescriptor keyboard(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    REQUIRE(grantpt(keyboard.get()) == 0);
    REQUIRE(unlockpt(keyboard.get()) == 0);
    std::array<char, 100> name{};
    REQUIRE(ptsname_r(keyboard.get(), name.data(), name.size()) == 0);
    FileDescriptor terminal(open(name.data(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    std::vector<std::string> argv{dibs::tests::dibs_program().string()};
    argv.insert(argv.end(), words.begin(), words.end());
    dibs::process::Child child = dibs::process::spawn(dibs::tests::command_in(project.folder(), argv),
                                                      {terminal.get(), terminal.get(), terminal.get()});
    terminal.close();
    REQUIRE(write(keyboard.get(), typed.data(), typed.size()) == static_cast<ssize_t>(typed.size()));
    std::string screen;
    std::array<char, 1000> part{};
    for (ssize_t size = 0; (size = read(keyboard.get(), part.data(), part.size())) > 0;) // EIO when it ended
        screen.append(part.data(), static_cast<std::size_t>(size));
    code = child.wait().code;
    return screen;
}

} // namespace

TEST_CASE("db start, status, url, psql and stop work on the project's own server") {
    const EmbeddedProject project;
    Ran ran = project.dibs({"db", "status"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "State  absent\n"));
    CHECK_FALSE(std::filesystem::exists(project.folder() / ".dibs"));

    ran = project.dibs({"db", "start"});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(project.running());
    const std::string url = project.server().url();
    CHECK(contains(ran.out, url + "\n"));
    CHECK(contains(project.dibs({"db", "start"}).out, "was running already"));
    CHECK(project.dibs({"db", "url"}).out == url + "\n");
    CHECK(contains(project.dibs({"db", "status"}).out, "State    running (process "));

    ran =
        project.dibs({"db", "psql", "--", "-X", "-A", "-t", "-c", "SELECT current_user, current_database()"});
    CHECK(ran.out == "dibs|dibs\n");
    CHECK(ran.code == 0);
    CHECK(project.dibs({"db", "psql", "--", "-X", "-A", "-t", "-c", "SELECT current_database()", "postgres"})
              .out == "postgres\n");
    CHECK(project.dibs({"db", "psql", "--", "-X", "-c", "SELECT 1/0", "-v", "ON_ERROR_STOP=1"}).code == 1);

    ran = project.dibs({"db", "stop"});
    CHECK(contains(ran.out, "stopped"));
    CHECK_FALSE(project.running());
    ran = project.dibs({"db", "stop"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "was not running"));
}

TEST_CASE("db psql starts the server, and no variable of the caller leads it elsewhere") {
    const EmbeddedProject project;
    const Ran ran = project.dibs({"db", "psql", "--", "-X", "-A", "-t", "-c", "SELECT 'here'"},
                                 {{"PGHOST", "192.0.2.1"},
                                  {"PGHOSTADDR", "192.0.2.1"},
                                  {"PGPORT", "1"},
                                  {"PGUSER", "somebody"},
                                  {"PGDATABASE", "else"},
                                  {"PGSERVICE", "none"},
                                  {"PGCONNECT_TIMEOUT", "2"}});
    INFO(ran.err);
    CHECK(ran.out == "here\n");
    CHECK(project.running());
}

TEST_CASE("db tells its facts as JSON") {
    const EmbeddedProject project;
    CHECK(contains(project.dibs({"db", "status", "--json"}).out,
                   "\"state\": \"absent\",\n  \"version\": null"));
    Ran ran = project.dibs({"db", "start", "--json"});
    CHECK(ran.out == "{\n  \"started\": true,\n  \"url\": \"" + project.server().url() + "\"\n}\n");
    CHECK(ran.err.empty());
    ran = project.dibs({"db", "status", "--json"});
    CHECK(contains(ran.out, "\"state\": \"running\",\n  \"version\": 1"));
    CHECK(contains(ran.out, "\"log\": \"" + (project.folder() / ".dibs/postgres.log").string()));
    CHECK(project.dibs({"db", "url", "--json"}).out ==
          "{\n  \"url\": \"" + project.server().url() + "\"\n}\n");
    CHECK(project.dibs({"db", "psql", "--json"}).code == 2);
    CHECK(project.dibs({"db", "reset", "--json"}).code == 2);
    CHECK(project.running());
    CHECK(project.dibs({"db", "stop", "--json"}).out == "{\n  \"stopped\": true\n}\n");
    CHECK(contains(project.dibs({"db", "reset", "--yes", "app", "--json"}).out, "\"deleted\": true"));
}

TEST_CASE("db reset deletes nothing until the project's name is given") {
    const EmbeddedProject project;
    REQUIRE(project.dibs({"db", "psql", "--", "-X", "-q", "-c", "CREATE TABLE precious ()"}).code == 0);
    const auto precious = [&] {
        return project.dibs({"db", "psql", "--", "-X", "-A", "-t", "-c", "SELECT to_regclass('precious')"})
                   .out == "precious\n";
    };
    Ran ran = project.dibs({"db", "reset"});
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "nobody can be asked"));
    CHECK(contains(ran.err, "dibs db reset --yes app"));
    ran = project.dibs({"db", "reset", "--yes", "another"});
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "'another' is not the project's name, app"));
    int code = 0;
    CHECK(contains(typed_into(project, {"db", "reset"}, "yes\n", code), "is not the project's name, app"));
    CHECK(code == 2);
    CHECK(precious());

    SECTION("typed on a terminal") {
        const std::string screen = typed_into(project, {"db", "reset"}, "app\n", code);
        CHECK(contains(screen, "Type the project's name, app, to go on"));
        CHECK(contains(screen, "Deleted "));
        CHECK(code == 0);
    }
    SECTION("or given") {
        CHECK(project.dibs({"db", "reset", "--yes", "app"}).code == 0);
    }
    CHECK(project.server().status().state == dibs::embedded::Status::State::absent);
    CHECK(contains(project.dibs({"db", "reset"}).out, "nothing to delete"));
    CHECK_FALSE(precious());
}

TEST_CASE("db refuses a project that is on another database, and says why") {
    const EmbeddedProject project("database: postgresql://user@host.invalid/db\n");
    for (const char* action : {"start", "stop", "status", "url", "psql", "reset"}) {
        const Ran ran = project.dibs({"db", action});
        CHECK(ran.code == 2);
        CHECK(contains(ran.err, "dibs.yaml:1:11 names another database"));
    }
    CHECK_FALSE(std::filesystem::exists(project.folder() / ".dibs"));

    const EmbeddedProject embedded;
    const Ran ran =
        embedded.dibs({"db", "start"}, {{"DATABASE_URL", "postgresql://user:hush@host.invalid/db"}});
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "DATABASE_URL names another database"));
    CHECK_FALSE(contains(ran.err, "hush"));
    CHECK_FALSE(embedded.running());
}

TEST_CASE("db says what it does where the word is unknown, missing or one too many") {
    const EmbeddedProject project;
    Ran ran = project.dibs({"db", "strat"});
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "start"));
    CHECK(project.dibs({"db"}).code == 2);
    CHECK(contains(project.dibs({"db", "stop", "now"}).err, "'now' is one word too many"));
    CHECK(project.dibs({"db", "stop", "--yes", "app"}).code == 2);
}
