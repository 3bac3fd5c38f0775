#include "config/settings.hpp"

#include "unit/config/project.hpp"

#include <catch2/catch.hpp>

using namespace dibs::config;
using dibs::test::Project;

namespace {

Overrides url(const std::string& text) {
    Overrides overrides;
    overrides.database_url = text;
    return overrides;
}

const Conninfo& conninfo(const Settings& settings) {
    return std::get<Conninfo>(required_database(settings));
}

} // namespace

TEST_CASE("the option beats DATABASE_URL, which beats dibs.yaml, which beats libpq's variables") {
    Project project("database: postgresql://file/db\n");
    project.variables["PGHOST"] = "pghost";
    CHECK(conninfo(project.load()).text == "postgresql://file/db");

    project.variables["DATABASE_URL"] = "postgres://variable/db";
    CHECK(conninfo(project.load()).text == "postgres://variable/db");
    CHECK(conninfo(project.load()).origin == "DATABASE_URL");

    CHECK(conninfo(project.load(url("host=option dbname=db"))).text == "host=option dbname=db");
    CHECK(conninfo(project.load(url("host=option dbname=db"))).origin == "--database-url");
}

TEST_CASE("DATABASE_URL beats an embedded database, which beats libpq's variables") {
    Project project("database: embedded\n");
    project.variables["PGHOST"] = "pghost";
    CHECK(std::get<Embedded>(project.load().database).directory == project.folder() / ".dibs/postgres");
    project.variables["DATABASE_URL"] = "postgres://variable/db";
    CHECK(conninfo(project.load()).text == "postgres://variable/db");
}

TEST_CASE("libpq's variables are enough where they name a server or a database") {
    for (const std::string name : {"PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "PGPORT"}) {
        Project project("lock_wait: 1s\n");
        project.variables[name] = "1";
        CAPTURE(name);
        CHECK(conninfo(project.load()).text.empty());
        CHECK(conninfo(project.load()).origin == name);
    }
    Project project;
    project.variables = {{"PGUSER", "u"}, {"PGPASSWORD", "p"}, {"PGHOST", ""}};
    CHECK_THAT(project.database_error(), Catch::Contains("no database is configured"));
}

TEST_CASE("an empty DATABASE_URL is an error and never something else") {
    Project project("database: embedded\n");
    for (const std::string empty : {"", " ", "\n"}) {
        project.variables["DATABASE_URL"] = empty;
        CHECK_THAT(project.database_error(), Catch::StartsWith("DATABASE_URL is empty"));
    }
    CHECK_THAT(project.database_error(url("")), Catch::StartsWith("--database-url is empty"));
    CHECK(conninfo(project.load(url("postgres://h/db"))).text == "postgres://h/db");
}

TEST_CASE("a variable missing from dibs.yaml is an error, but only for what needs the database") {
    Project project("\ndatabase: ${APP_DATABASE}\n");
    CHECK(project.load().source == project.folder() / "migrations");
    CHECK_THAT(project.database_error(),
               Catch::StartsWith("dibs.yaml:2:11: the environment variable APP_DATABASE is not set"));
    project.variables["APP_DATABASE"] = "";
    CHECK_THAT(project.database_error(), Catch::StartsWith("dibs.yaml:2:11 is empty"));
    project.variables["APP_DATABASE"] = "postgres://h/db";
    CHECK(conninfo(project.load()).text == "postgres://h/db");
    CHECK(conninfo(project.load(url("postgres://other/db"))).text == "postgres://other/db");
}

TEST_CASE("the embedded database is asked for by dibs.yaml alone") {
    Project project("database: ${DB:-embedded}\n");
    CHECK(std::holds_alternative<Embedded>(project.load().database));
    CHECK_THAT(project.database_error(url("embedded")),
               Catch::Contains("Write database: embedded in dibs.yaml"));
    project.variables["DATABASE_URL"] = "embedded";
    CHECK_THAT(project.database_error(),
               Catch::Contains("DATABASE_URL cannot ask for the embedded database"));
}

TEST_CASE("what libpq would not understand is refused without repeating it") {
    const Project project;
    for (const std::string text :
         {"secret", "mysql://u:secret@h/db", "jdbc:postgresql://h/db?password=secret",
          "POSTGRES://u:secret@h/db", "postgresql+psycopg2://u:secret@h/db"}) {
        CAPTURE(text);
        const std::string error = project.database_error(url(text));
        CHECK_THAT(error, Catch::StartsWith("--database-url holds") && !Catch::Contains("secret"));
    }
    CHECK_THAT(Project("database: embeded\n").database_error(),
               Catch::Contains("Did you mean \"embedded\"?"));
    CHECK_THAT(Project("database: shop\n").database_error(),
               Catch::StartsWith("dibs.yaml:1:11 holds neither a URL nor key=value pairs"));
}

TEST_CASE("a URL read from a file loses its line break, key=value pairs stay as they are") {
    const Project project;
    CHECK(conninfo(project.load(url("postgres://h/db\n"))).text == "postgres://h/db");
    CHECK(conninfo(project.load(url("password=a\\ "))).text == "password=a\\ ");
    CHECK(conninfo(project.load(url("password=a://b host=h"))).text == "password=a://b host=h");
}
