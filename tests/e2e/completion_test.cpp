#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "support/program.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"

#include <fstream>

namespace fs = std::filesystem;
using dibs::tests::contains;
using dibs::tests::Ran;
using Words = std::vector<std::string>;

namespace {

/// A project's folder in which each shell, with the script that dibs prints for it, is asked what it offers.
class Shells {
  public:
    Shells() {
        fs::create_directories(folder() / "migrations");
        fs::create_directories(folder() / "build/migrations");
        write("migrations/m2026_01_02_000000_add_bio.cpp", "");
        write("build/migrations/m2026_01_01_000000_create_users.so", "");
        write("dibs.yaml", "database: postgresql://host.invalid/app\n"
                           "environments: {production: {build: x}, \"$(touch ran)\": {build: x}}\n");
        write("other.yaml", "migrations: {source: elsewhere, libraries: elsewhere}\n");
        write("elsewhere/m2026_02_01_000000_later.cpp", "");
        fs::create_directory(folder() / "bin");
        fs::create_symlink(dibs::tests::dibs_program(), folder() / "bin/dibs");
        for (const char* shell : {"bash", "zsh", "fish"}) {
            const Ran ran = run({dibs::tests::dibs_program().string(), "completion", shell});
            REQUIRE(ran.code == 0);
            write(fmt::format("dibs.{}", shell), ran.out);
        }
    }

    [[nodiscard]] fs::path folder() const { return temporary_.path(); }

    /// What bash offers when these words are typed, the last one up to the cursor.
    [[nodiscard]] Words bash(Words words) const {
        words.insert(words.begin(),
                     {"bash", "-c",
                      "source dibs.bash; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(leftover)\n"
                      "_dibs; ((${#COMPREPLY[@]} == 0)) || printf '%s\\n' \"${COMPREPLY[@]}\"",
                      "bash", "dibs"});
        return lines_of(run(words));
    }
    [[nodiscard]] Words fish(const std::string& line) const {
        Words lines = lines_of(
            run({"fish", "--no-config", "-c", fmt::format("source dibs.fish; complete -C'{}'", line)}));
        for (std::string& each : lines)
            each.erase(std::min(each.find('\t'), each.size()));
        return lines;
    }
    [[nodiscard]] Words zsh(const std::string& line) const {
        return lines_of(run({"zsh", "-f", DIBS_TEST_SOURCES "/e2e/completion/zsh.zsh", "dibs.zsh", line}));
    }
    /// The same of all three, for a line whose words hold no blanks or quotes.
    void all(const std::string& line, const Words& expected) const {
        INFO(line);
        Words words;
        std::istringstream stream(line.substr(std::string("dibs ").size()));
        for (std::string word; std::getline(stream, word, ' ');)
            words.push_back(word);
        if (line.ends_with(' '))
            words.emplace_back();
        CHECK(sorted(bash(words)) == sorted(expected));
        CHECK(sorted(fish(line)) == sorted(expected));
        CHECK(sorted(zsh(line)) == sorted(expected));
    }

  private:
    [[nodiscard]] Ran run(const Words& words) const {
        const std::string path = (folder() / "bin").string() + ":/usr/bin:/bin";
        return dibs::tests::run_in(
            folder(), words,
            {{"PATH", path}, {"HOME", folder().string()}, {"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}});
    }
    static Words lines_of(const Ran& ran) {
        INFO(ran.err);
        CHECK(ran.err.empty());
        Words lines;
        std::istringstream stream(ran.out);
        for (std::string line; std::getline(stream, line);)
            if (!line.empty() && std::find(lines.begin(), lines.end(), line) == lines.end())
                lines.push_back(line);
        return lines;
    }
    static Words sorted(Words words) {
        std::sort(words.begin(), words.end());
        return words;
    }
    void write(const fs::path& file, const std::string& text) const {
        fs::create_directories((folder() / file).parent_path());
        std::ofstream(folder() / file) << text;
    }

    dibs::tests::TemporaryDirectory temporary_;
};

} // namespace

TEST_CASE("every shell completes commands, subcommands and options") {
    const Shells shells;
    shells.all("dibs mi", {"migrate"});
    shells.all("dibs ", {"init", "generate", "migrate", "status", "rollback", "redo", "history", "show",
                         "verify", "repair", "baseline", "backfill", "schema", "diff", "generate-from-diff",
                         "db", "completion"});
    shells.all("dibs db ", {"start", "stop", "status", "url", "psql", "reset"});
    shells.all("dibs db sta", {"start", "status"});
    shells.all("dibs completion ", {"bash", "zsh", "fish"});
    shells.all("dibs migrate --allow-o", {"--allow-out-of-order"});
    shells.all("dibs status --ex", {"--exit-code"});
    shells.all("dibs --vers", {"--version"});
    shells.all("dibs generate ", {});
    shells.all("dibs db psql ", {});
}

TEST_CASE("every shell completes behind options and their values, and offers only what belongs there") {
    const Shells shells;
    shells.all("dibs --json --config dibs.yaml mi", {"migrate"});
    shells.all("dibs --env migrate db res", {"reset"});
    shells.all("dibs --json migrate --allow-o", {"--allow-out-of-order"});
    shells.all("dibs status --allow", {});
    shells.all("dibs init --data", {});
    shells.all("dibs completion --js", {});
}

TEST_CASE("every shell completes the values of options") {
    const Shells shells;
    shells.all("dibs status --color ", {"auto", "always", "never"});
    shells.all("dibs migrate --config oth", {"other.yaml"});
    shells.all("dibs status --config dibs.y", {"dibs.yaml"});
    CHECK(shells.bash({"migrate", "--dry-run", "=", "e"}) == Words{"execute"});
    CHECK(shells.bash({"migrate", "--dry-run", "="}) == Words{"plan", "execute"});
    CHECK(shells.bash({"migrate", "--dry"}) == Words{"--dry-run", "--dry-run=execute"});
    CHECK(shells.fish("dibs migrate --dry-run=e") == Words{"--dry-run=execute"});
    CHECK(shells.zsh("dibs migrate --dry-run=") == Words{"plan", "execute"});
    CHECK(shells.bash({"migrate", "--dir", "bu"}) == Words{"build"});
    CHECK(shells.fish("dibs migrate --dir b") == Words{"bin/", "build/"});
    CHECK(shells.zsh("dibs migrate --dir b") == Words{"bin", "build"});
}

TEST_CASE("versions and environments come from the project's files") {
    const Shells shells;
    const Words versions{"2026_01_01_000000-create_users", "2026_01_02_000000-add_bio"};
    shells.all("dibs migrate --to ", versions);
    shells.all("dibs migrate --to 2026_01_02", {versions[1]});
    shells.all("dibs show ", versions);
    shells.all("dibs show 2026_01_02", {versions[1]});
    shells.all("dibs show x ", {});
    shells.all("dibs repair x 2026_01_02", {versions[1]});
    shells.all("dibs rollback ", {});
    shells.all("dibs rollback --to 2026_01_01", {versions[0]});
    shells.all("dibs baseline --no-b", {"--no-build"});
    shells.all("dibs migrate --config other.yaml --to ", {"2026_02_01_000000-later"});
    shells.all("dibs migrate --config nowhere.yaml --to ", {});
    shells.all("dibs migrate --env p", {"production"});
    CHECK(shells.bash({"migrate", "--config", "=", "other.yaml", "--to", "=", "2026_0"}) ==
          Words{"2026_02_01_000000-later"});
}

TEST_CASE("names out of the project's files are words in every shell, and are not run") {
    const Shells shells;
    CHECK(shells.bash({"--env", "$"}) == Words{"\\$\\(touch\\ ran\\)"});
    CHECK(shells.fish("dibs --env ") == Words{"$(touch ran)", "production"});
    CHECK(shells.zsh("dibs --env ") == Words{"\\$\\(touch\\ ran\\)", "production"});
    CHECK_FALSE(fs::exists(shells.folder() / "ran"));
}

TEST_CASE("bash offers an option that is given already no second time, and nothing after --") {
    const Shells shells;
    CHECK(shells.bash({"migrate", "--json", "--color", "=", "auto", "--j"}).empty());
    CHECK(shells.bash({"db", "psql", "--", "--j"}).empty());
    CHECK(shells.bash({"nonsense", "--"}).empty());
}

TEST_CASE("completion says which shells it knows") {
    const dibs::tests::TemporaryDirectory folder;
    const auto dibs = [&](Words words) {
        words.insert(words.begin(), {dibs::tests::dibs_program().string(), "completion"});
        return dibs::tests::run_in(folder.path(), words);
    };
    const Ran ran = dibs({"bush"});
    CHECK(ran.code == 2);
    CHECK(contains(ran.err, "dibs completion takes bash, zsh or fish, not 'bush'"));
    CHECK(contains(ran.err, "Did you mean \"bash\"?"));
    CHECK(dibs({}).code == 2);
}

TEST_CASE("an installed dibs brings its completions along") {
    const dibs::tests::TemporaryDirectory prefix;
    REQUIRE(dibs::tests::run_in(prefix.path(), {"cmake", "--install", dibs::tests::build_tree().string(),
                                                "--component", "program", "--prefix", prefix.path().string()})
                .code == 0);
    const fs::path share = prefix.path() / "share";
    for (const auto& [file, shell] :
         {std::pair("bash-completion/completions/dibs", "bash"), std::pair("zsh/site-functions/_dibs", "zsh"),
          std::pair("zsh/vendor-completions/_dibs", "zsh"),
          std::pair("fish/vendor_completions.d/dibs.fish", "fish")}) {
        INFO(file);
        std::ifstream stream(share / file);
        std::stringstream text;
        text << stream.rdbuf();
        CHECK(text.str() ==
              dibs::tests::run_in(prefix.path(), {dibs::tests::dibs_program().string(), "completion", shell})
                  .out);
    }
}
