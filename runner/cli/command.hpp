#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"
#include "config/settings.hpp"
#include "report/failure.hpp"
#include "report/sink.hpp"

namespace dibs::cli {

/// What a command is run with.
struct Invocation {
    Arguments arguments;
    config::Settings settings;
    report::Sink& sink;

    [[nodiscard]] bool json() const { return arguments.has("json"); }
};

/// What a command works on; it has the options that belong to that.
enum class Scope {
    nothing,  ///< Invocation::settings says nothing
    project,  ///< reads dibs.yaml
    database, ///< and connects
};

struct Command {
    std::string name;
    std::string words = {}; ///< what follows the name, and the subcommand where there is one: "NAME"
    Values word_values = Values::anything;
    std::vector<Choice> subcommands = {}; ///< what the first word must be
    std::string summary = {};             ///< one line
    std::string details = {};             ///< paragraphs: what a person should know before using it
    std::string json = {};                ///< what --json prints; a command without it has no --json
    std::vector<std::string> examples = {};
    std::vector<Option> options = {}; ///< its own
    std::size_t least_words = 0;
    std::size_t most_words = 0;
    Scope scope = Scope::database;
    report::ExitCode (*run)(Invocation& invocation) = nullptr;

    /// What follows the name, also for one with subcommands: "start|stop".
    [[nodiscard]] std::string usage_words() const;
};

const std::vector<Command>& commands();

/// @throws report::Failure (usage), with the nearest
const Command& command_called(const std::string& name);

/// Options under the title that help gives them.
struct OptionGroup {
    std::string title;
    std::vector<Option> options;
};

/// What a command has: its own, and those it shares with the others of its scope.
std::vector<OptionGroup> option_groups(const Command& command);
std::vector<Option> options_of(const Command& command);
/// Those that several commands have, which may also stand before the command's name.
const std::vector<Option>& shared_options();

/// @throws report::Failure (usage) for words that are missing, too many or no subcommand
void check_words(const Command& command, const Arguments& arguments);

// One source file each.
Command migrate_command();
Command status_command();
Command generate_command();
Command init_command();
Command diff_command();
Command generate_from_diff_command();
Command schema_command();
Command db_command();
Command completion_command();
Command rollback_command();
Command redo_command();
Command verify_command();
Command repair_command();
Command baseline_command();
Command history_command();
Command show_command();
Command backfill_command();

/// The whole program. @return the exit code
int main(int argc, char** argv);

} // namespace dibs::cli
