#include <nlohmann/json.hpp>

#include "support/embedded_project.hpp"
#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::EmbeddedProject;
using dibs::tests::Project;
using dibs::tests::Ran;
using nlohmann::json;

namespace {

/// Standard output is one document.
json document(const Ran& ran) {
    INFO(ran.out);
    CHECK(ran.out.ends_with("}\n"));
    return json::parse(ran.out);
}

void check_error(const Ran& ran, int code, const std::string& message) {
    INFO(ran.out << ran.err);
    CHECK(ran.code == code);
    const json error = document(ran).at("error");
    CHECK(error.at("code") == code);
    CHECK(contains(error.at("message").get<std::string>(), message));
    CHECK(error.contains("hint"));
    CHECK(contains(ran.err, "error: "));
    CHECK(contains(ran.err, message));
}

} // namespace

TEST_CASE("with --json an error is a document on standard output, and text on standard error") {
    const Project project;
    check_error(
        project.dibs({"status", "--json", "--database-url", "host=127.0.0.1 port=1 user=me dbname=x"}), 8,
        "cannot connect to the database");
    check_error(project.dibs({"migrate", "--json", "--to", "2026"}), 2, "2026");
    check_error(project.dibs({"migrate", "--json", "--nonsense"}), 2, "no option --nonsense");
    check_error(project.dibs({"--json", "migrat"}), 2, "unknown command 'migrat'");
    check_error(project.dibs({"--json"}), 2, "a command is missing");
    check_error(project.dibs({"generate", "--json"}), 2, "NAME is missing");
    check_error(project.dibs({"completion", "zsh", "--json"}), 2, "no option --json");
    check_error(project.dibs({"db", "status", "--json"}), 2, "names another database");
    const Ran not_asked_for = project.dibs({"db", "psql", "--", "--json"});
    CHECK(not_asked_for.code == 2);
    CHECK(not_asked_for.out.empty());
}

TEST_CASE("with --json a failed migration is in the document, and told on standard error") {
    Project project;
    project.add_bodies({{"m2026_01_01_000000_good", "ctx.log(\"here\");"},
                        {"m2026_01_02_000000_bad", "ctx.execute(\"SELECT nope\");"},
                        {"m2026_01_03_000000_later", ""}});
    const Ran ran = project.dibs({"migrate", "--json"});
    CHECK(ran.code == 5);
    const json told = document(ran);
    CHECK(told.at("applied").size() == 1);
    CHECK(told.at("failure").at("version") == "2026_01_02_000000-bad");
    CHECK(told.at("failure").at("sqlstate") == "42703");
    CHECK(told.at("pending") == json{"2026_01_02_000000-bad", "2026_01_03_000000-later"});
    CHECK(told.at("output") == json::array({"2026_01_01_000000-good: here"}));
    CHECK(contains(ran.err, "error: 2026_01_02_000000-bad failed\n  42703: column \"nope\" does not exist"));
}

TEST_CASE("with --json warnings do not get into the document") {
    Project project;
    const Ran ran = project.dibs({"migrate", "--json"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.err, "warning: no migrations in "));
    CHECK(document(ran).at("applied").empty());
}

TEST_CASE("every command that states facts states them as JSON") {
    const EmbeddedProject project;
    const auto facts = [&](const std::vector<std::string>& words) {
        const Ran ran = project.dibs(words);
        INFO(ran.err);
        CHECK(ran.code == 0);
        CHECK(ran.err.empty());
        return document(ran);
    };
    CHECK(facts({"db", "status", "--json"}).at("state") == "absent");
    json told = facts({"db", "start", "--json"});
    CHECK(told.at("started") == true);
    const std::string url = told.at("url");
    CHECK(contains(url, "postgresql://"));
    CHECK(facts({"db", "start", "--json"}) == json{{"started", false}, {"url", url}});
    CHECK(facts({"db", "url", "--json"}) == json{{"url", url}});
    told = facts({"db", "status", "--json"});
    CHECK(told.at("state") == "running");
    CHECK(told.at("version").is_number());
    CHECK(told.at("pid").is_number());
    CHECK(std::filesystem::exists(told.at("log").get<std::string>()));
    told = facts({"generate", "create-users", "--json"});
    CHECK(std::filesystem::exists(project.folder() / told.at("path").get<std::string>()));
    CHECK(contains(told.at("version").get<std::string>(), "-create_users"));
    told = facts({"status", "--json"});
    CHECK(told.at("migrations").at(0).at("state") == "not built");
    CHECK(told.at("migrations").at(0).at("applied_at").is_null());
    CHECK(facts({"db", "stop", "--json"}) == json{{"stopped", true}});
    CHECK(facts({"db", "reset", "--json", "--yes", "app"}).at("deleted") == true);
    CHECK(facts({"init", "new", "--json"}).at("files").size() == 5);
    told = facts({"--version", "--json"});
    CHECK(told == facts({"--json", "--version"}));
    CHECK(contains(project.dibs({"--version"}).out, "dibs " + told.at("version").get<std::string>() + "\n"));
    CHECK(told.at("abi").is_string());
}

TEST_CASE("the help of every command that has --json says what it prints") {
    const EmbeddedProject project;
    for (const char* command :
         {"init", "generate", "migrate", "status", "rollback", "redo", "history", "show", "verify", "repair",
          "baseline", "schema", "diff", "generate-from-diff", "db"})
        CHECK(contains(project.dibs({command, "--help"}).out, "--json prints {"));
    CHECK_FALSE(contains(project.dibs({"completion", "--help"}).out, "--json"));
}
