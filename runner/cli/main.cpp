#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/help.hpp"
#include "cli/man.hpp"
#include "cli/version.hpp"
#include "config/environment.hpp"
#include "database/error.hpp"
#include "process/interrupt.hpp"
#include "report/json.hpp"
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
        for (const Option& option : shared_options())
            if (typed[i] == "--" + option.name && !option.value.empty())
                ++i;
    }
    return typed.size();
}

report::Colour colour_of(const Arguments& arguments) {
    const std::string when = arguments.value("color").value_or("auto");
    if (when == "always")
        return report::Colour::always;
    if (when == "never")
        return report::Colour::never;
    return report::Colour::automatic;
}

config::Overrides overrides_of(const Arguments& arguments) {
    config::Overrides overrides;
    overrides.database_url = arguments.value("database-url");
    overrides.libraries = arguments.value("dir");
    overrides.config = arguments.value("config");
    overrides.environment = arguments.value("env");
    overrides.wait = arguments.value("wait");
    return overrides;
}

/// Runs `body` and turns what it throws into words and an exit code: the one place where commands' errors
/// end.
template <class Body>
int guarded(report::Sink& sink, bool json, Body body) {
    const auto tell = [&](const Failure& failure) {
        report::print(failure, sink); // also with --json: who looks into a log reads standard error
        if (json)
            sink.raw(
                report::error_json(failure.what(), failure.hint(), code(failure.code()), sink.redactor()));
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
    if (command.scope != Scope::nothing)
        settings = config::load(overrides_of(arguments), config::process_environment(), here);
    Invocation invocation{std::move(arguments), std::move(settings), sink};
    return command.run(invocation);
}

/// A terminal that can erase a line: one that says what it is, and not "dumb".
bool can_redraw() {
    const std::string type = config::process_environment()("TERM").value_or("");
    return isatty(STDOUT_FILENO) != 0 && !type.empty() && type != "dumb";
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

/// Before the options are understood: an error in them is one for a machine as well.
bool asks_for_json(const std::vector<std::string>& typed) {
    const auto end = std::find(typed.begin(), typed.end(), "--");
    return std::find(typed.begin(), end, "--json") != end;
}

/// `dibs --version`, `dibs --help`, `dibs`
void answer_without_command(const std::vector<std::string>& typed, report::Sink& sink) {
    std::vector<Option> options = shared_options();
    options.push_back({.name = "version"});
    const Arguments arguments = parse(typed, options, "dibs");
    if (arguments.has("version"))
        sink.raw(arguments.has("json") ? version_json(sink.redactor()) : version_text());
    else if (typed.empty() || arguments.has("help"))
        sink.out(overview());
    else
        throw Failure(ExitCode::usage, fmt::format("a command is missing after {}", typed.back()),
                      "`dibs --help` lists the commands.");
}

} // namespace

int main(int argc, char** argv) {
    std::vector<std::string> typed(argv + 1, argv + argc);
    if (typed.size() == 2 && typed[0] == worker::worker_command) {
        int line = -1;
        const char* const end = typed[1].data() + typed[1].size();
        if (std::from_chars(typed[1].data(), end, line).ptr == end)
            return worker::serve(line);
    }
    if (typed.size() >= 2 && typed[0] == complete_command) {
        const std::string names = names_for_completion(typed[1], {typed.begin() + 2, typed.end()});
        return std::fputs(names.c_str(), stdout) < 0 ? code(ExitCode::other) : code(ExitCode::done);
    }
    if (typed.size() == 1 && typed[0] == man_command)
        return std::fputs(manual_page().c_str(), stdout) < 0 ? code(ExitCode::other) : code(ExitCode::done);
    std::signal(SIGPIPE, SIG_IGN); // a reader that went away is told by the failed write
    std::signal(SIGXFSZ, SIG_IGN); // and a file larger than it may be
    const bool can_write = occupy_standard_streams();

    const bool no_color = config::process_environment()("NO_COLOR").value_or("") != "";
    const bool json = asks_for_json(typed);
    report::Sink sink(report::Colour::automatic, no_color, {});
    const int result = guarded(sink, json, [&] {
        if (!can_write)
            throw Failure(ExitCode::other, "standard output is closed",
                          "Lead it somewhere, if only to /dev/null. Nothing was changed.");
        const std::size_t at = find_command(typed);
        if (at == typed.size()) {
            answer_without_command(typed, sink);
            return ExitCode::done;
        }
        if (typed[at] == "help") {
            const bool named = at + 1 < typed.size() && !typed[at + 1].starts_with("-");
            sink.out(named ? help_for(command_called(typed[at + 1])) : overview());
            return ExitCode::done;
        }
        const Command& command = command_called(typed[at]);
        typed.erase(typed.begin() + static_cast<std::ptrdiff_t>(at));
        Arguments arguments = parse(typed, options_of(command), "dibs " + command.name);
        const bool quiet = json || arguments.has("quiet");
        sink = report::Sink(
            colour_of(arguments), no_color,
            {.quiet = quiet, .verbose = arguments.has("verbose"), .in_place = !quiet && can_redraw()});
        if (arguments.has("help")) {
            sink.out(help_for(command));
            return ExitCode::done;
        }
        return run(command, std::move(arguments), sink);
    });
    if (!sink.flush() && (result == 0 || json)) {
        report::print(Failure(ExitCode::other, sink.trouble(),
                              "The command came to its end; only what it had to say is lost."),
                      sink);
        return result == 0 ? code(ExitCode::other) : result;
    }
    return result;
}

} // namespace dibs::cli
