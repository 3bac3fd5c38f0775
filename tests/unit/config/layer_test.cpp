#include "config/layer.hpp"

#include "unit/config/project.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

using namespace dibs::config;
using dibs::test::Project;

TEST_CASE("an unknown setting is an error with its place and a suggestion") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"databse: embedded\n", "dibs.yaml:1:1: unknown setting \"databse\"\nDid you mean \"database\"?"},
        {"lock-timeout: 5s\n",
         "dibs.yaml:1:1: unknown setting \"lock-timeout\"\nDid you mean \"lock_timeout\"?"},
        {"migrations:\n  sources: x\n",
         "dibs.yaml:2:3: unknown setting \"sources\" in \"migrations\"\nDid you mean \"source\"?"},
        {"history: {colour: x}\n",
         "dibs.yaml:1:11: unknown setting \"colour\" in \"history\"\nKnown here: schema, table."},
        {"tomato: x\n",
         "dibs.yaml:1:1: unknown setting \"tomato\"\nKnown here: database, migrations, schema_library, "
         "scratch, history, role, lock_timeout, lock_wait, lock_attempts, lock_retry_time, "
         "migration_timeout, "
         "connect_wait, allow_unsafe_libraries, strict, build, diff, environments."},
        {"environments:\n  production:\n    databse: x\n", "dibs.yaml:3:5: unknown setting \"databse\""},
        {"environments: {a: {environments: {}}}\n",
         "dibs.yaml:1:20: environments inside the environment \"a\""},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        CHECK_THAT(Project(text).load_error(), Catch::Contains(expected));
    }
}

TEST_CASE("a value of the wrong type is an error with its place") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"build: true\n", "dibs.yaml:1:8: \"build\" takes a text, not a boolean"},
        {"build: No\n", "dibs.yaml:1:8: \"build\" takes a text, not a boolean"},
        {"strict: maybe\n", "dibs.yaml:1:9: \"maybe\" is neither true nor false"},
        {"strict: 1\n", "dibs.yaml:1:9: \"1\" is neither true nor false"},
        {"history:\n  schema: 2024\n", "dibs.yaml:2:11: \"schema\" takes a text, not a number"},
        {"build: -1.5e3\n", "dibs.yaml:1:8: \"build\" takes a text, not a number"},
        {"build:\n", "dibs.yaml:1:1: \"build\" has no value"},
        {"lock_wait: ~\n", "dibs.yaml:1:1: \"lock_wait\" has no value"},
        {"build: {a: b}\n", "dibs.yaml:1:8: \"build\" takes a text, not names with values"},
        {"migrations: build\n", "dibs.yaml:1:13: \"migrations\" takes names with values, not a text"},
        {"database: [a, b]\n", "dibs.yaml:1:11: a list, where none is expected"},
        {"history: [a]\n", "dibs.yaml:1:10: a list, where none is expected"},
        {"diff: {exclude: audit}\n", "dibs.yaml:1:17: \"exclude\" takes a list\nWrite exclude: [\"...\"]."},
        {"diff: {exclude: [a, {b: c}]}\n", "dibs.yaml:1:21: \"exclude\" takes a text, not names with values"},
        {"diff: {exclude: [[a]]}\n", "dibs.yaml:1:18: a list, where none is expected"},
        {"diff: {exclude: [1]}\n", "dibs.yaml:1:18: \"exclude\" takes a text, not a number"},
        {"environments: x\n", "dibs.yaml:1:15: \"environments\" takes names with values, not a text"},
        {"environments: {a: x}\n", "dibs.yaml:1:19: \"a\" takes names with values, not a text"},
    };
    for (const auto& [text, expected] : cases) {
        CAPTURE(text);
        CHECK_THAT(Project(text).load_error(), Catch::Contains(expected));
    }
}

TEST_CASE("in quotes a number is a text") {
    CHECK(Project("history: {schema: '2024'}\n").load().history_schema == "2024");
}

TEST_CASE("an environment's list stands in place of the one that is for all") {
    const Project project("diff: {include: ['table:a', 'table:b'], exclude: ['${NAME:-view:c}']}\n"
                          "environments: {e: {diff: {include: ['table:d']}}}\n");
    dibs::config::Overrides overrides;
    CHECK(project.load(overrides).diff_include.size() == 2);
    overrides.environment = "e";
    const Settings settings = project.load(overrides);
    REQUIRE(settings.diff_include.size() == 1);
    CHECK(settings.diff_include.front().text == "table:d");
    CHECK(settings.diff_include.front().origin == "dibs.yaml:2:37");
    REQUIRE(settings.diff_exclude.size() == 1);
    CHECK(settings.diff_exclude.front().text == "view:c");
}

TEST_CASE("every setting is in docs/configuration.md") {
    std::ifstream file(DIBS_TEST_SOURCES "/../docs/configuration.md");
    const std::string page(std::istreambuf_iterator<char>(file), {});
    for (const char* const text :
         {"tomato: x\n", "history: {tomato: x}\n", "migrations: {tomato: x}\n", "diff: {tomato: x}\n"}) {
        const std::string error = Project(text).load_error();
        std::istringstream known(error.substr(error.find("Known here:") + 11));
        for (std::string name; known >> name;) {
            name.pop_back(); // , or .
            CAPTURE(name);
            CHECK((page.find("`" + name) != std::string::npos ||
                   page.find("{" + name + ":") != std::string::npos));
        }
    }
}
