#include <filesystem>

#include "support/server.hpp"
#include "support/sql_project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Database;
using dibs::tests::Ran;
using dibs::tests::SqlProject;

namespace {

std::string on_the_server(const std::string& query) {
    return Database().psql(query);
}

} // namespace

TEST_CASE("A schema's file may begin with a byte order mark, have CR LF, and come from pg_dump") {
    SqlProject project;
    project.psql("CREATE TABLE t (id int)");
    project.wants(
        "\xEF\xBB\xBF\\restrict aBc\r\nCREATE TABLE t (\r\n    id int\r\n);\r\n\\unrestrict aBc\r\n");
    const Ran same = project.diff();
    INFO(same.out << same.err);
    CHECK(same.code == 0);
    project.wants("\\restrict aBc\n\nCREATE TABLE t (id nothing);\n\\unrestrict aBc");
    CHECK(
        contains(project.diff().err, "schema.sql:3: PostgreSQL refuses it: type \"nothing\" does not exist"));
}

TEST_CASE("psql's commands and folders are refused as schemas with what to do") {
    SqlProject project;
    project.wants("\\i other.sql\nCREATE TABLE t (id int);");
    const Ran command = project.diff();
    CHECK(command.code == 1);
    CHECK(contains(command.err, "schema.sql:1: "));
    CHECK(contains(command.err, "That is a command of psql, not SQL: take it out."));
    std::filesystem::remove(project.project().folder() / "schema.sql");
    std::filesystem::create_directory(project.project().folder() / "schema.sql");
    const Ran folder = project.diff();
    CHECK(folder.code == 2);
    CHECK(contains(folder.err, "error: schema.sql is a folder\n  Name a file of SQL."));
}

TEST_CASE(
    "What reaches beyond the schema's own database is refused, and roles that it makes are gone after") {
    SqlProject project;
    const Database bystander;
    project.wants("DROP DATABASE " + bystander.name());
    CHECK(contains(project.diff().err, "DROP DATABASE cannot "));
    CHECK(bystander.psql("SELECT 1") == "1");
    project.wants("CREATE DATABASE left_by_a_schema");
    CHECK(project.diff().code == 1);
    CHECK(on_the_server("SELECT count(*) FROM pg_database WHERE datname = 'left_by_a_schema'") == "0");
    project.wants(
        "CREATE\n  ROLE Made_By_A_Schema; CREATE TABLE t (id int); GRANT SELECT ON t TO made_by_a_schema");
    for (int round = 0; round < 2; ++round) {
        const Ran ran = project.diff();
        INFO(ran.out << ran.err);
        CHECK(ran.code == 3);
        CHECK(on_the_server("SELECT count(*) FROM pg_roles WHERE rolname = 'made_by_a_schema'") == "0");
    }
    project.wants("CREATE ROLE dibs");
    CHECK(contains(project.diff().err, "Roles belong to a server, not to a schema: leave them out."));
}
