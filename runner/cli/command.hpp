#pragma once

#include <string>
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

struct Command {
    std::string name;
    std::string words;   ///< what follows the name: "NAME"
    std::string summary; ///< one line
    std::string details; ///< what a person should know before using it
    std::vector<std::string> examples;
    std::vector<Option> options; ///< besides those that all commands have
    std::size_t least_words = 0;
    std::size_t most_words = 0;
    report::ExitCode (*run)(Invocation& invocation);
    bool configured = true; ///< reads dibs.yaml; else Invocation::settings says nothing
};

const std::vector<Command>& commands();

// One source file each.
Command migrate_command();
Command status_command();
Command generate_command();
Command init_command();
Command db_command();

/// The whole program. @return the exit code
int main(int argc, char** argv);

} // namespace dibs::cli
