#include "cli/man.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "history/runner_version.hpp"

namespace dibs::cli {
namespace {

/// As README.md has them; a test holds the two against each other.
constexpr std::array<std::pair<const char*, const char*>, 10> exit_codes{{
    {"0", "done"},
    {"1", "another error"},
    {"2", "wrong usage or configuration"},
    {"3", "something is pending, or different (`--exit-code`)"},
    {"4", "another runner holds the lock"},
    {"5", "a migration failed, and was rolled back"},
    {"6", "a migration failed, partly applied"},
    {"7", "history and libraries disagree"},
    {"8", "the database cannot be reached"},
    {"130, 143", "interrupted"},
}};

/// Text for a line of its own: what man would take for its commands or its typography is only text.
std::string plain(std::string_view text) {
    std::string result;
    if (text.starts_with('.') || text.starts_with('\''))
        result = "\\&";
    for (const char c : text) {
        switch (c) {
        case '\\':
            result += "\\e";
            break;
        case '-': // else a hyphen, which nobody can type
            result += "\\-";
            break;
        case '`':
            result += "\\(ga";
            break;
        case '\'':
            result += "\\(aq";
            break;
        case '^':
            result += "\\(ha";
            break;
        case '~':
            result += "\\(ti";
            break;
        default:
            result += c;
        }
    }
    return result;
}

std::string bold(std::string_view text) {
    return "\\fB" + plain(text) + "\\fR";
}

std::string spelled(const Option& option) {
    if (option.value.empty())
        return bold("--" + option.name);
    const std::string value = "\\fI" + plain(option.value) + "\\fR";
    return bold("--" + option.name) + (option.implied.empty() ? " " + value : "[=" + value + "]");
}

std::string item(const std::string& head, std::string_view text) {
    return ".TP\n" + head + "\n" + plain(text) + "\n";
}

std::string items(const std::vector<Option>& options) {
    std::string text;
    for (const Option& option : options)
        text += item(spelled(option), option.help);
    return text;
}

std::string about(const Command& command) {
    const std::string words = command.usage_words();
    std::string text =
        fmt::format(".SS {}\n{}.\n.PP\n{}\n", bold("dibs " + command.name) + " " + plain(words),
                    plain(command.summary), plain(command.details));
    for (const Choice& subcommand : command.subcommands)
        text += item(bold(subcommand.name), subcommand.help);
    text += items(command.options);
    if (!command.json.empty())
        text += fmt::format(".PP\n{} prints {}.\n", bold("--json"), plain(command.json));
    if (!command.examples.empty())
        text += ".PP\nExamples:\n.PP\n.EX\n";
    for (const std::string& example : command.examples)
        text += "    " + plain(example) + "\n";
    return text + (command.examples.empty() ? "" : ".EE\n");
}

} // namespace

std::string manual_page() {
    std::string text = fmt::format(
        ".TH DIBS 1 \"\" \"dibs {}\" \"User Commands\"\n.SH NAME\ndibs \\- PostgreSQL migrations "
        "written as C++ functions\n.SH SYNOPSIS\n{} \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n"
        "dibs changes PostgreSQL databases with migrations written as C++ functions. Each runs in a "
        "transaction of its own, together with the row that records it: it is applied once, or not at "
        "all.\n.SH COMMANDS\n",
        history::runner_version, bold("dibs"));
    for (const Command& command : commands())
        text += about(command);
    text += ".SH OPTIONS\nThose that several commands have; " + plain("`dibs COMMAND --help`") +
            " tells which.\n" + items(shared_options()) +
            item(bold("--version"), "print which dibs this is") + ".SH EXIT STATUS\n";
    for (const auto& [code, meaning] : exit_codes)
        text += item(bold(code), meaning);
    return text;
}

} // namespace dibs::cli
