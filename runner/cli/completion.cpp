#include "cli/completion.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <set>

#include "config/environment.hpp"
#include "plugin/directory.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;

/// The value of --name in what is typed so far, which need not be right yet. bash gives --name=value in three
/// words.
std::optional<std::string> typed_value(const std::vector<std::string>& words, const std::string& name) {
    const std::string option = "--" + name;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].starts_with(option + "=") && words[i].size() > option.size() + 1)
            return words[i].substr(option.size() + 1);
        const std::size_t value = i + 1 < words.size() && words[i + 1] == "=" ? i + 2 : i + 1;
        if (words[i] == option && value < words.size() && !words[value].empty())
            return words[value];
    }
    return std::nullopt;
}

std::set<plugin::Version> versions(const config::Settings& settings) {
    std::set<plugin::Version> all;
    for (const auto& [folder, ending] :
         {std::pair(settings.source, ".cpp"), std::pair(settings.libraries, ".so")})
        if (std::filesystem::is_directory(folder))
            for (const plugin::NamedFile& file : plugin::list_migrations(folder, ending).files)
                all.insert(file.version);
    return all;
}

ExitCode run(Invocation& invocation) {
    const std::string& shell = invocation.arguments.words().front();
    std::string script = shell == "bash"  ? bash_completion()
                         : shell == "zsh" ? zsh_completion()
                                          : fish_completion();
    script.pop_back();
    invocation.sink.out(script);
    return ExitCode::done;
}

} // namespace

std::string_view question(Values values) {
    return values == Values::versions ? "versions" : values == Values::environments ? "environments" : "";
}

std::string names_for_completion(std::string_view kind, const std::vector<std::string>& words) {
    std::string names;
    try {
        config::Overrides overrides;
        overrides.config = typed_value(words, "config");
        overrides.libraries = typed_value(words, "dir");
        const bool environments = kind == question(Values::environments);
        if (!environments) // which one is just being typed
            overrides.environment = typed_value(words, "env");
        const config::Settings settings = config::load(
            overrides,
            [&](const std::string& name) {
                return environments && name == "DIBS_ENV" ? std::nullopt
                                                          : config::process_environment()(name);
            },
            std::filesystem::current_path());
        if (environments)
            for (const std::string& name : settings.environments)
                names += name + "\n";
        else if (kind == question(Values::versions))
            for (const plugin::Version& version : versions(settings))
                names += version.to_string() + "\n";
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): a person is typing; the command itself
                                      // will tell
    }
    return names;
}

Command completion_command() {
    return {
        .name = "completion",
        .subcommands = {{"bash", "for ~/.bashrc: source <(dibs completion bash)"},
                        {"zsh", "for a folder of $fpath, as _dibs"},
                        {"fish", "for ~/.config/fish/completions/dibs.fish"}},
        .summary = "prints what completes dibs's commands in a shell",
        .details = "Commands, options and their values, the project's versions and environments, on TAB. An "
                   "installed "
                   "dibs brings it along, where the shell looks by itself in /usr and /usr/local.",
        .examples = {"source <(dibs completion bash)", "dibs completion zsh > ~/.zfunc/_dibs",
                     "dibs completion fish > ~/.config/fish/completions/dibs.fish"},
        .least_words = 1,
        .most_words = 1,
        .scope = Scope::nothing,
        .run = run,
    };
}

} // namespace dibs::cli
