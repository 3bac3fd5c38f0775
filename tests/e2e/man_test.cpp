#include <fstream>
#include <regex>
#include <sstream>

#include "process/child.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"

#include <catch2/catch.hpp>

using dibs::tests::contains;
using dibs::tests::run_in;

namespace {

std::string page() {
    return run_in("/", {dibs::tests::dibs_program(), "__man"}).out;
}

/// As a reader sees it, each white space one blank.
std::string read(const std::string& page) {
    const dibs::process::Result shown =
        dibs::process::run({.argv = {"groff", "-man", "-ww", "-Tutf8", "-P-cbou", "-rLL=200n"}}, page);
    CHECK(shown.exit.ok());
    CHECK(shown.err.empty()); // groff's warnings
    return std::regex_replace(shown.out, std::regex("\\s+"), " ");
}

} // namespace

TEST_CASE(
    "the manual page has every command, option and exit code, and groff has nothing to say against it") {
    if (!dibs::process::find_program("groff"))
        return;
    const std::string text = read(page());
    const std::string overview = run_in("/", {dibs::tests::dibs_program(), "--help"}).out;
    std::size_t commands = 0;
    std::istringstream lines(overview.substr(overview.find("Commands:\n") + 10));
    for (std::string line; std::getline(lines, line) && !line.empty(); ++commands) {
        const std::string name = line.substr(2, line.find(' ', 2) - 2);
        CHECK(contains(text, "dibs " + name));
        const std::string help = run_in("/", {dibs::tests::dibs_program(), name, "--help"}).out;
        const std::regex option("\n  (--[a-z-]+)");
        for (std::sregex_iterator found(help.begin(), help.end(), option), end; found != end; ++found) {
            INFO(name << ' ' << (*found)[1]);
            CHECK(contains(text, (*found)[1].str()));
        }
    }
    CHECK(commands >= 6);

    std::ifstream readme(DIBS_TEST_SOURCES "/../README.md");
    const std::regex row("\\| ([0-9, ]+) \\| (.*) \\|");
    std::size_t codes = 0;
    std::smatch cells;
    for (std::string line; std::getline(readme, line);)
        if (std::regex_match(line, cells, row)) {
            INFO(line);
            CHECK(contains(text, " " + cells[1].str() + " " + cells[2].str() + " "));
            ++codes;
        }
    CHECK(codes == 10);
}

TEST_CASE("an installed dibs brings its manual page along") {
    const dibs::tests::TemporaryDirectory prefix;
    REQUIRE(run_in(prefix.path(), {"cmake", "--install", dibs::tests::build_tree(), "--component", "program",
                                   "--prefix", prefix.path()})
                .code == 0);
    CHECK(run_in("/", {"gzip", "-dc", prefix.path() / "share/man/man1/dibs.1.gz"}).out == page());
}
