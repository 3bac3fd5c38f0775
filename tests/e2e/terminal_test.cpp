#include <algorithm>

#include "support/project.hpp"
#include "support/pseudo_terminal.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Shown;

namespace {

Shown on_terminal(const Project& project, std::vector<std::string> words,
                  const std::map<std::string, std::string>& variables = {{"TERM", "xterm"}},
                  unsigned short columns = 100) {
    words.insert(words.begin(), dibs::tests::dibs_program().string());
    return dibs::tests::run_on_terminal(
        dibs::tests::command_in(project.folder(), std::move(words), variables), columns);
}

constexpr const char* redrawn = "\r\x1b[K";

/// The end of a line is the time it took.
std::vector<std::string> without_times(std::vector<std::string> lines) {
    for (std::string& line : lines)
        if (line.ends_with(" us") || line.ends_with(" ms") || line.ends_with(" s")) {
            line.erase(line.rfind(' '));
            line.erase(line.rfind(' '));
            line.erase(line.find_last_not_of(' ') + 1);
        }
    return lines;
}

} // namespace

TEST_CASE("on a terminal a line shows what runs, and is gone when it is done") {
    Project project;
    project.add_bodies(
        {{"m2026_01_01_000000_quick", "std::puts(\"printed\");\nstd::fflush(stdout);"},
         {"m2026_01_02_000000_takes_its_time", "ctx.log(\"begin\");\nctx.execute(\"SELECT pg_sleep(1)\");\n"
                                               "ctx.log(\"end\");"},
         {"m2026_01_03_000000_fails",
          "ctx.execute(\"SELECT pg_sleep(0.5)\");\nctx.execute(\"SELECT nope\");"}});
    SECTION("with a failure as well") {
        const Shown shown = on_terminal(project, {"migrate"});
        INFO(shown.written);
        CHECK(shown.code == 5);
        CHECK(contains(shown.written, "  2/3  2026_01_02_000000-takes_its_time  0."));
        CHECK(contains(shown.written, "  3/3  2026_01_03_000000-fails           0."));
        const std::vector<std::string> lines = without_times(dibs::tests::screen(shown.written));
        REQUIRE(lines.size() > 9);
        CHECK(contains(lines[0], "Applying 3 migrations to "));
        CHECK(std::vector(lines.begin() + 1, lines.begin() + 10) ==
              std::vector<std::string>{"  1/3  2026_01_01_000000-quick", "       | printed", "       done,",
                                       "  2/3  2026_01_02_000000-takes_its_time", "       begin",
                                       "       end", "       done,", "error: 2026_01_03_000000-fails failed",
                                       "  42703: column \"nope\" does not exist"});
        CHECK(contains(lines.back(), "2 applied, 1 failed, 0 not run,"));
    }
    SECTION("as wide as the terminal") {
        const Shown shown = on_terminal(project, {"migrate"}, {{"TERM", "xterm"}}, 24);
        CHECK(contains(shown.written, "  2/3  2026_0...  0."));
    }
}

TEST_CASE("nothing is redrawn where nobody could read it") {
    Project project;
    project.add_body("m2026_01_01_000000_takes_its_time", "ctx.execute(\"SELECT pg_sleep(0.5)\");");
    const auto undone = [&] { project.psql("DROP TABLE IF EXISTS _dibs_migrations, _dibs_attempts"); };
    const std::vector<std::vector<std::string>> silent{{"migrate", "--quiet"}, {"migrate", "--json"}};
    for (const std::vector<std::string>& words : silent) {
        undone();
        const Shown shown = on_terminal(project, words);
        INFO(shown.written);
        CHECK(shown.code == 0);
        CHECK_FALSE(contains(shown.written, redrawn));
    }
    const std::vector<std::map<std::string, std::string>> dumb{{{"TERM", "dumb"}}, {}};
    for (const std::map<std::string, std::string>& variables : dumb) {
        undone();
        const Shown shown = on_terminal(project, {"migrate"}, variables);
        CHECK(shown.code == 0);
        CHECK_FALSE(contains(shown.written, redrawn));
        CHECK(contains(shown.written, "1/1  2026_01_01_000000-takes_its_time  "));
    }
    undone();
    CHECK_FALSE(contains(on_terminal(project, {"migrate", "--in-process"}).written, redrawn));
    undone();
    const dibs::tests::Ran piped = project.dibs({"migrate"});
    CHECK(piped.code == 0);
    CHECK_FALSE(contains(piped.out + piped.err, "\r"));
    undone();
    CHECK(contains(on_terminal(project, {"migrate"}).written, redrawn));
}

TEST_CASE("colours are for terminals, unless --color or NO_COLOR says otherwise") {
    Project project;
    project.add_body("m2026_01_01_000000_one", "");
    const auto coloured = [](const std::string& text) { return contains(text, "\x1b[1mpending\x1b[0m"); };
    CHECK(coloured(on_terminal(project, {"status"}).written));
    CHECK_FALSE(coloured(on_terminal(project, {"status"}, {{"TERM", "xterm"}, {"NO_COLOR", "1"}}).written));
    CHECK(coloured(on_terminal(project, {"status"}, {{"TERM", "xterm"}, {"NO_COLOR", ""}}).written));
    CHECK_FALSE(coloured(on_terminal(project, {"status", "--color", "never"}).written));
    CHECK_FALSE(coloured(project.dibs({"status"}).out));
    CHECK(coloured(project.dibs({"status", "--color=always"}).out));
}
