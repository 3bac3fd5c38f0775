#include <fcntl.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/help.hpp"
#include "cli/version.hpp"
#include "config/environment.hpp"
#include "database/error.hpp"
#include "process/interrupt.hpp"
#include "report/json.hpp"
#include "report/suggestion.hpp"
#include "report/terminal.hpp"
#include "worker/worker.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;
using report::Failure;

int code(ExitCode exit_code) {
    return static_cast<int>(exit_code);
}

/// Where the command's name stands: the first word that is neither an option nor an option's value.
std::size_t find_command(const std::vector<std::string>& typed) {
    for (std::size_t i = 0; i < typed.size(); ++i) {
        if (!typed[i].starts_with("-"))
            return i;
        for (const Option& option : common_options())
            if (typed[i] == "--" + option.name && !option.value.empty())
                ++i;
    }
    return typed.size();
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

void check_words(const Command& command, const Arguments& arguments) {
    const std::size_t count = arguments.words().size();
    const std::string usage =
        fmt::format("Usage: dibs {}{}{}", command.name, command.words.empty() ? "" : " ", command.words);
    if (count < command.least_words)
        throw Failure(ExitCode::usage, fmt::format("dibs {}: {} is missing", command.name, command.words),
                      usage);
    if (count > command.most_words)
        throw Failure(ExitCode::usage,
                      fmt::format("dibs {}: '{}' is one word too many", command.name,
                                  arguments.words()[command.most_words]),
                      usage);
}

report::Colour colour_of(const Arguments& arguments) {
    const std::string when = arguments.value("color").value_or("auto");
    if (when == "always")
        return report::Colour::always;
    if (when == "never")
        return report::Colour::never;
    if (when == "auto")
        return report::Colour::automatic;
    throw Failure(ExitCode::usage, fmt::format("--color takes auto, always or never, not '{}'", when),
                  "The default, auto, is in colour on a terminal unless NO_COLOR is set.");
}

config::Overrides overrides_of(const Arguments& arguments) {
    config::Overrides overrides;
    overrides.database_url = arguments.value("database-url");
    overrides.libraries = arguments.value("dir");
    overrides.config = arguments.value("config");
    overrides.environment = arguments.value("env");
    return overrides;
}

/// Runs `body` and turns what it throws into words and an exit code: the one place where commands' errors
/// end.
template <class Body>
int guarded(report::Sink& sink, bool json, Body body) {
    const auto tell = [&](const Failure& failure) {
        if (json)
            sink.raw(
                report::error_json(failure.what(), failure.hint(), code(failure.code()), sink.redactor()));
        else
            report::print(failure, sink);
        return code(failure.code());
    };
    try {
        return code(body());
    } catch (const Failure& failure) {
        return tell(failure);
    } catch (const process::Interrupted& interrupted) {
        return tell(Failure(interrupted.signal() == SIGINT ? ExitCode::interrupted : ExitCode::terminated,
                            interrupted.what(), "`dibs status` tells what is applied."));
    } catch (const database::ConnectionLost& lost) {
        return tell(Failure(ExitCode::unreachable,
                            fmt::format("the connection to the database was lost: {}", lost.what()),
                            "`dibs status` tells what is applied."));
    } catch (const database::StatementError& error) {
        const database::Message& said = error.said();
        return tell(Failure(ExitCode::other, fmt::format("{} ({})", said.message, said.sqlstate),
                            said.detail.empty() ? said.hint : said.detail));
    } catch (const std::exception& error) {
        return tell(Failure(ExitCode::other, error.what()));
    }
}

ExitCode run(const Command& command, Arguments arguments, report::Sink& sink) {
    check_words(command, arguments);
    std::error_code error;
    const std::filesystem::path here = std::filesystem::current_path(error);
    if (error)
        throw Failure(ExitCode::usage, "the current folder cannot be used: " + error.message(),
                      "It may have been deleted: change to another one (cd). Nothing was changed.");
    config::Settings settings;
    if (command.configured)
        settings = config::load(overrides_of(arguments), config::process_environment(), here);
    Invocation invocation{std::move(arguments), std::move(settings), sink};
    return command.run(invocation);
}

/// A closed standard stream's number would go to the next file that is opened: the connection to the server,
/// and what is printed would be sent to it.
/// @return whether standard output can be written at all
bool occupy_standard_streams() {
    for (int number = 0; number <= 2; ++number)
        if (fcntl(number, F_GETFD) < 0)
            (void)open("/dev/null", number == 1 ? O_RDONLY : O_RDWR); // takes the lowest number that is free
    return (fcntl(1, F_GETFL) & O_ACCMODE) != O_RDONLY;
}

} // namespace

const std::vector<Command>& commands() {
    static const std::vector<Command> all{init_command(), generate_command(), migrate_command(),
                                          status_command(), db_command()};
    return all;
}

int main(int argc, char** argv) {
    std::vector<std::string> typed(argv + 1, argv + argc);
    if (typed.size() == 2 && typed[0] == worker::worker_command) {
        int line = -1;
        const char* const end = typed[1].data() + typed[1].size();
        if (std::from_chars(typed[1].data(), end, line).ptr == end)
            return worker::serve(line);
    }
    std::signal(SIGPIPE, SIG_IGN); // a reader that went away is told by the failed write
    std::signal(SIGXFSZ, SIG_IGN); // and a file larger than it may be
    const bool can_write = occupy_standard_streams();

    const bool no_color = config::process_environment()("NO_COLOR").value_or("") != "";
    report::Sink sink(report::Colour::automatic, no_color, {});
    Arguments arguments;
    const Command* command = nullptr;
    const int parsed = guarded(sink, false, [&] {
        if (!can_write)
            throw Failure(ExitCode::other, "standard output is closed",
                          "Lead it somewhere, if only to /dev/null. Nothing was changed.");
        const std::size_t at = find_command(typed);
        if (at == typed.size() || typed[at] == "help") {
            if (const auto version = version_answer(typed, sink.redactor()))
                sink.raw(*version);
            else if (at + 1 < typed.size())
                sink.out(help_for(command_called(typed[at + 1])));
            else if (typed.empty() || typed[0] == "--help" || at < typed.size())
                sink.out(overview());
            else
                throw Failure(ExitCode::usage, fmt::format("a command is missing after {}", typed.back()),
                              "`dibs --help` lists the commands and their options.");
            return ExitCode::done;
        }
        const Command& found = command_called(typed[at]);
        typed.erase(typed.begin() + static_cast<std::ptrdiff_t>(at));
        std::vector<Option> options = found.options;
        options.insert(options.end(), common_options().begin(), common_options().end());
        arguments = parse(typed, options, found.name);
        report::Verbosity verbosity{arguments.has("quiet") || arguments.has("json"),
                                    arguments.has("verbose")};
        sink = report::Sink(colour_of(arguments), no_color, verbosity);
        if (arguments.has("help"))
            sink.out(help_for(found));
        else
            command = &found;
        return ExitCode::done;
    });
    int result = parsed;
    if (parsed == 0 && command != nullptr)
        result =
            guarded(sink, arguments.has("json"), [&] { return run(*command, std::move(arguments), sink); });
    if (!sink.flush() && (result == 0 || arguments.has("json"))) {
        report::print(Failure(ExitCode::other, sink.trouble(),
                              "The command came to its end; only what it had to say is lost."),
                      sink);
        return result == 0 ? code(ExitCode::other) : result;
    }
    return result;
}

} // namespace dibs::cli
