#include "cli/command.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "report/suggestion.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;
using report::Failure;

std::string usage(const Command& command) {
    const std::string words = command.usage_words();
    return fmt::format("Usage: dibs {}{}{}", command.name, words.empty() ? "" : " ", words);
}

void check_subcommand(const Command& command, const std::string& word) {
    std::vector<std::string> names;
    for (const Choice& subcommand : command.subcommands)
        names.push_back(subcommand.name);
    if (names.empty() || std::find(names.begin(), names.end(), word) != names.end())
        return;
    std::string hint = report::did_you_mean(word, names);
    throw Failure(ExitCode::usage,
                  fmt::format("dibs {} takes {}, not '{}'", command.name, listed(command.subcommands), word),
                  hint.empty() ? fmt::format("`dibs {} --help` tells what each does.", command.name)
                               : std::move(hint));
}

const std::vector<Option>& database_options() {
    static const std::vector<Option> options{
        {.name = "database-url",
         .value = "URL",
         .help = "where to connect: a URL or key=value pairs, as libpq takes them (also: DATABASE_URL)"},
        {.name = "wait",
         .value = "SECONDS",
         .help = "wait so long for a server that is not up yet (in dibs.yaml: connect_wait)"},
    };
    return options;
}

const std::vector<Option>& project_options() {
    static const std::vector<Option> options{
        {.name = "config",
         .value = "FILE",
         .help = "read this file, not the nearest dibs.yaml",
         .values = Values::files},
        {.name = "env",
         .value = "NAME",
         .help = "one of the `environments:` of dibs.yaml (also: DIBS_ENV)",
         .values = Values::environments},
        {.name = "dir",
         .value = "FOLDER",
         .help = "where the migrations' libraries are (default: build/migrations)",
         .values = Values::folders},
    };
    return options;
}

const std::vector<Option>& output_options() {
    static const std::vector<Option> options{
        {.name = "json", .help = "print one JSON document, also for an error, and nothing else"},
        {.name = "quiet", .help = "print results, warnings and errors only"},
        {.name = "verbose", .help = "say more, on standard error"},
        {.name = "color",
         .value = "WHEN",
         .help = "auto (on a terminal, unless NO_COLOR is set), always or never",
         .choices = {{"auto", "on a terminal, unless NO_COLOR is set"},
                     {"always", "also in a pipe or a file"},
                     {"never", "plain text"}}},
        {.name = "help", .help = "print this text (also: -h)"},
    };
    return options;
}

} // namespace

std::string Command::usage_words() const {
    std::string text;
    for (const Choice& subcommand : subcommands)
        text += (text.empty() ? "" : "|") + subcommand.name;
    return text + (text.empty() || words.empty() ? "" : " ") + words;
}

const std::vector<Command>& commands() {
    static const std::vector<Command> all{init_command(),      generate_command(),
                                          migrate_command(),   status_command(),
                                          rollback_command(),  redo_command(),
                                          history_command(),   show_command(),
                                          verify_command(),    repair_command(),
                                          baseline_command(),  schema_command(),
                                          diff_command(),      generate_from_diff_command(),
                                          backfill_command(),  db_command(),
                                          completion_command()};
    return all;
}

const Command& command_called(const std::string& name) {
    std::vector<std::string> names;
    for (const Command& command : commands()) {
        if (command.name == name)
            return command;
        names.push_back(command.name);
    }
    std::string hint = report::did_you_mean(name, names);
    hint += fmt::format("{}`dibs --help` lists the commands.", hint.empty() ? "" : " ");
    throw Failure(ExitCode::usage, fmt::format("unknown command '{}'", name), std::move(hint));
}

std::vector<OptionGroup> option_groups(const Command& command) {
    std::vector<OptionGroup> groups;
    if (!command.options.empty())
        groups.push_back({"Options", command.options});
    if (command.scope == Scope::database)
        groups.push_back({"Database", database_options()});
    if (command.scope != Scope::nothing)
        groups.push_back({"Project", project_options()});
    groups.push_back({"Output", output_options()});
    if (command.json.empty())
        std::erase_if(groups.back().options, [](const Option& option) { return option.name == "json"; });
    return groups;
}

std::vector<Option> options_of(const Command& command) {
    std::vector<Option> options;
    for (const OptionGroup& group : option_groups(command))
        options.insert(options.end(), group.options.begin(), group.options.end());
    return options;
}

const std::vector<Option>& shared_options() {
    static const std::vector<Option> options = [] {
        std::vector<Option> all = database_options();
        for (const std::vector<Option>& more : {project_options(), output_options()})
            all.insert(all.end(), more.begin(), more.end());
        return all;
    }();
    return options;
}

void check_words(const Command& command, const Arguments& arguments) {
    const std::vector<std::string>& words = arguments.words();
    if (words.size() < command.least_words)
        throw Failure(ExitCode::usage,
                      fmt::format("dibs {}: {} is missing", command.name,
                                  command.subcommands.empty() ? command.words : listed(command.subcommands)),
                      usage(command));
    if (!words.empty())
        check_subcommand(command, words.front());
    if (words.size() > command.most_words)
        throw Failure(
            ExitCode::usage,
            fmt::format("dibs {}: '{}' is one word too many", command.name, words[command.most_words]),
            usage(command));
}

} // namespace dibs::cli
