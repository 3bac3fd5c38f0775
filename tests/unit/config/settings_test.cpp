#include "config/settings.hpp"

#include "unit/config/project.hpp"

#include <catch2/catch.hpp>
#include <ctime>

using namespace dibs::config;
using namespace std::chrono_literals;
using dibs::test::Project;

TEST_CASE("without dibs.yaml everything has its usual place, and only the database is missing") {
    const Project project;
    const Settings settings = project.load();
    CHECK(settings.root == project.folder());
    CHECK_FALSE(settings.file);
    CHECK(settings.source == project.folder() / "migrations");
    CHECK(settings.libraries == project.folder() / "build/migrations");
    CHECK(settings.schema_library == project.folder() / "build/schema.so");
    CHECK_FALSE(settings.history_table);
    CHECK_FALSE(settings.history_schema);
    CHECK_FALSE(settings.lock_timeout);
    CHECK(settings.lock_wait == 60s);
    CHECK_FALSE(settings.build);
    CHECK_THAT(Project::error([&] { static_cast<void>(required_database(settings)); }),
               Catch::Contains("no database is configured") && Catch::Contains("DATABASE_URL"));
}

TEST_CASE("an empty dibs.yaml is as good as none") {
    for (const std::string text : {"", "# nothing yet\n", "---\n", "environments:\n", "migrations:\n"}) {
        const Project project(text);
        CAPTURE(text);
        CHECK(project.load().libraries == project.folder() / "build/migrations");
    }
}

TEST_CASE("every setting is read") {
    const Project project("database: postgresql://u@h/db\n"
                          "migrations:\n"
                          "  source: db/migrations/\n"
                          "  libraries: /opt/app/migrations\n"
                          "schema_library: ../out/schema.so\n"
                          "history: {schema: meta, table: done}\n"
                          "lock_timeout: 500ms\n"
                          "lock_wait: 2min\n"
                          "build: cmake --build build\n");
    const Settings settings = project.load();
    CHECK(std::get<Conninfo>(settings.database).text == "postgresql://u@h/db");
    CHECK(std::get<Conninfo>(settings.database).origin == "dibs.yaml:1:11");
    CHECK(settings.source == project.folder() / "db/migrations");
    CHECK(settings.libraries == "/opt/app/migrations");
    CHECK(settings.schema_library == project.folder().parent_path() / "out/schema.so");
    CHECK(settings.history_schema == "meta");
    CHECK(settings.history_table == "done");
    CHECK(settings.lock_timeout == 500ms);
    CHECK(settings.lock_wait == 2min);
    CHECK(settings.build == "cmake --build build");
}

TEST_CASE("dibs.yaml is found in a folder above, and its paths are its own") {
    const Project project("migrations: {libraries: out}\n");
    const std::filesystem::path deep = project.folder() / "a/b";
    std::filesystem::create_directories(deep);
    Overrides overrides;
    CHECK(load(overrides, project.environment, deep).libraries == project.folder() / "out");
    CHECK(load(overrides, project.environment, deep).file == project.folder() / "dibs.yaml");

    overrides.libraries = "out";
    CHECK(load(overrides, project.environment, deep).libraries == deep / "out");
}

TEST_CASE("the nearest dibs.yaml counts, and --config beats it") {
    const Project project("lock_wait: 1s\n");
    project.write("a/dibs.yaml", "lock_wait: 2s\n");
    project.write("other.yaml", "lock_wait: 3s\n");
    const std::filesystem::path below = project.folder() / "a";
    Overrides overrides;
    CHECK(load(overrides, project.environment, below).lock_wait == 2s);
    overrides.config = "../other.yaml";
    CHECK(load(overrides, project.environment, below).lock_wait == 3s);
    CHECK(load(overrides, project.environment, below).root == project.folder());
}

TEST_CASE("a file that cannot be read is named, with what to do") {
    const Project project;
    std::filesystem::create_directory(project.folder() / "folder");
    Overrides overrides;
    overrides.config = "missing.yaml";
    CHECK_THAT(project.load_error(overrides), Catch::Contains("cannot read missing.yaml: No such file"));
    overrides.config = "folder";
    CHECK_THAT(project.load_error(overrides), Catch::Contains("folder is a folder, not a file"));
    overrides.config = "";
    CHECK_THAT(project.load_error(overrides), Catch::Contains("--config"));

    const Project misnamed;
    misnamed.write("dibs.yml", "database: embedded\n");
    CHECK_THAT(misnamed.load_error(),
               Catch::Contains("dibs.yml") && Catch::Contains("Rename it to dibs.yaml"));
}

TEST_CASE("an environment says what differs, and the rest stays") {
    Project project("lock_wait: 1s\n"
                    "lock_timeout: 7s\n"
                    "migrations: {source: here, libraries: base}\n"
                    "environments:\n"
                    "  staging:\n"
                    "    lock_wait: 2s\n"
                    "    migrations: {libraries: staging}\n"
                    "  production:\n"
                    "    lock_wait: 3s\n");
    CHECK(project.load().lock_wait == 1s);
    CHECK_FALSE(project.load().environment);

    project.variables["DIBS_ENV"] = "production";
    CHECK(project.load().lock_wait == 3s);

    Overrides overrides;
    overrides.environment = "staging"; // beats DIBS_ENV
    const Settings settings = project.load(overrides);
    CHECK(settings.environment == "staging");
    CHECK(settings.lock_wait == 2s);
    CHECK(settings.lock_timeout == 7s);
    CHECK(settings.source == project.folder() / "here");
    CHECK(settings.libraries == project.folder() / "staging");
}

TEST_CASE("an environment that is not there is an error with a suggestion") {
    Project project("environments: {production: {lock_wait: 1s}, staging: {}}\n");
    Overrides overrides;
    overrides.environment = "prodution";
    CHECK_THAT(project.load_error(overrides), Catch::Contains("no environment \"prodution\" (--env)") &&
                                                  Catch::Contains("Did you mean \"production\"?"));
    overrides.environment = "tomato";
    CHECK_THAT(project.load_error(overrides), Catch::Contains("It has: production, staging."));
    overrides.environment = "";
    CHECK_THAT(project.load_error(overrides), Catch::Contains("--env is empty"));
    project.variables["DIBS_ENV"] = "";
    CHECK_THAT(project.load_error(), Catch::Contains("DIBS_ENV is empty"));

    Project without_file;
    without_file.variables["DIBS_ENV"] = "production";
    CHECK_THAT(without_file.load_error(), Catch::Contains("there is no dibs.yaml here or above"));
}

TEST_CASE("variables are expanded in the values that are used, and nowhere else") {
    Project project("build: echo ${WHO:-nobody} $HOME $$1\n"
                    "migrations: {libraries: \"${OUT}/migrations\"}\n"
                    "environments: {other: {build: \"${UNSET}\"}}\n");
    project.variables["OUT"] = "/out";
    CHECK(project.load().build == "echo nobody $HOME $1");
    CHECK(project.load().libraries == "/out/migrations");

    project.variables["WHO"] = "x\nlock_wait: 9s # ${OUT}"; // is a value, and neither YAML nor expanded again
    CHECK(project.load().build == "echo x\nlock_wait: 9s # ${OUT} $HOME $1");
    CHECK(project.load().lock_wait == 60s);

    Overrides overrides;
    overrides.environment = "other";
    CHECK_THAT(project.load_error(overrides),
               Catch::Contains("dibs.yaml:3:31: the environment variable UNSET is not set"));
}

TEST_CASE("a value that makes no sense is refused where it stands") {
    const auto error = [](const std::string& text) { return Project(text).load_error(); };
    CHECK_THAT(error("lock_wait: soon\n"), Catch::Contains("dibs.yaml:1:12: \"soon\" is not a duration"));
    CHECK_THAT(error("lock_wait: 5\n"), Catch::Contains("dibs.yaml:1:12: \"5\" is not a duration"));
    CHECK_THAT(error("lock_timeout: 0\n"), Catch::Contains("dibs.yaml:1:15: a lock_timeout of 0"));
    CHECK_THAT(error("history: {table: a.b}\n"),
               Catch::Contains("dibs.yaml:1:18: the name of a table has no dot"));
    CHECK_THAT(error("history: {table: " + std::string(64, 'x') + "}\n"), Catch::Contains("this one 64"));
    CHECK_THAT(error("history: {schema: ''}\n"), Catch::Contains("this one 0"));
    CHECK_THAT(error("schema_library: ''\n"), Catch::Contains("dibs.yaml:1:17: this path is empty"));
    Overrides overrides;
    overrides.libraries = "";
    CHECK_THAT(Project().load_error(overrides), Catch::Contains("--dir is empty"));
}

TEST_CASE("loading costs well under a millisecond") {
    const Project project("database: ${X:-embedded}\nmigrations: {source: a, libraries: b}\nlock_wait: 1s\n");
    static_cast<void>(project.load());
    const std::clock_t begin = std::clock(); // of the processor: others may use it as well
    constexpr int times = 100;
    for (int i = 0; i < times; ++i) {
        static_cast<void>(project.load());
    }
    CHECK((std::clock() - begin) / times < DIBS_TEST_SLOWER * CLOCKS_PER_SEC / 1000);
}

TEST_CASE("how long to wait for the server: --wait, before connect_wait, before not at all") {
    Project project;
    const auto option = [](const char* typed) {
        Overrides overrides;
        overrides.wait = typed;
        return overrides;
    };
    CHECK(project.load().connect_wait == 0s);
    project.write("dibs.yaml", "connect_wait: 2min\n");
    CHECK(project.load().connect_wait == 2min);
    CHECK(project.load(option("5")).connect_wait == 5s);
    CHECK(project.load(option("0")).connect_wait == 0s);
    CHECK(project.load(option("1min")).connect_wait == 1min);
    for (const char* wrong : {"", "soon", "-1", "1.5", "99999999999999999999"})
        CHECK_THAT(project.load_error(option(wrong)), Catch::StartsWith("--wait takes a number of seconds"));
    project.write("dibs.yaml", "connect_wait: soon\n");
    CHECK_THAT(project.load_error(), Catch::Contains("\"soon\" is not a duration"));
}

TEST_CASE("strict is off unless it is said to be on, also by a variable") {
    CHECK_FALSE(Project().load().strict);
    CHECK_FALSE(Project("strict: false\n").load().strict);
    CHECK(Project("strict: true\n").load().strict);
    CHECK(Project("strict: ${NOT_SET:-true}\n").load().strict);
    CHECK(Project("environments: {a: {strict: true}}\n").load().strict == false);
}

TEST_CASE("all environments are known by name") {
    const Project project("environments: {staging: {build: x}, production: {build: y}}\n");
    CHECK(project.load().environments == std::vector<std::string>{"production", "staging"});
}
