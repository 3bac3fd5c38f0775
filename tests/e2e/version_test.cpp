#include <regex>

#include <dibs/abi.hpp>
#include <fmt/format.h>

#include "history/runner_version.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Ran;

namespace {

Ran dibs_says(std::vector<std::string> words) {
    const dibs::tests::TemporaryDirectory somewhere;
    words.insert(words.begin(), dibs::tests::dibs_program().string());
    return dibs::tests::run_in(somewhere.path(), std::move(words));
}

/// As it stands in the JSON: a string in quotes, true, false or null.
std::string fact(const std::string& json, const std::string& name) {
    std::smatch found;
    INFO(name << " in " << json);
    REQUIRE(std::regex_search(json, found, std::regex("\n  \"" + name + "\": ([^\n]*?),?\n")));
    return found[1];
}

std::string unquoted(const std::string& text) {
    return text.substr(1, text.size() - 2);
}

} // namespace

TEST_CASE("dibs --version --json tells what dibs was built from, with what, and for which libraries") {
    const Ran ran = dibs_says({"--version", "--json"});
    REQUIRE(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(dibs_says({"--json", "--version"}).out == ran.out);
    CHECK(fact(ran.out, "version") == fmt::format("\"{}\"", dibs::history::runner_version));
    CHECK(fact(ran.out, "abi") == fmt::format("\"{}.{}\"", DIBS_ABI_MAJOR, DIBS_ABI_MINOR));
    CHECK(std::regex_match(fact(ran.out, "compiler"), std::regex("\"(gcc|clang) [0-9.]+\"")));
    CHECK(std::regex_match(fact(ran.out, "libpq"), std::regex("\"1[0-9]\\.[0-9]+\"")));
    // Without git, in a copy of the sources, neither is known.
    CHECK(std::regex_match(fact(ran.out, "commit") + " " + fact(ran.out, "modified"),
                           std::regex("null null|\"[0-9a-f]{40}\" (true|false)")));
}

TEST_CASE("dibs --version begins with a line that scripts can take apart, and tells the rest below") {
    const Ran ran = dibs_says({"--version"});
    REQUIRE(ran.code == 0);
    CHECK(ran.out.substr(0, ran.out.find('\n')) == fmt::format("dibs {}", dibs::history::runner_version));
    const std::string json = dibs_says({"--version", "--json"}).out;
    for (const char* name : {"abi", "compiler", "standard_library", "libpq", "build_type"}) {
        INFO(name << "\n" << ran.out);
        CHECK(contains(ran.out, unquoted(fact(json, name))));
    }
    const std::string commit = fact(json, "commit");
    CHECK(contains(ran.out, commit == "null" ? "unknown (" : " " + unquoted(commit).substr(0, 12)));
}

TEST_CASE("dibs --version with another word is a usage error") {
    CHECK(dibs_says({"--version", "--jsno"}).code == 2);
    CHECK(dibs_says({"--version", "statsu"}).code == 2);
}
