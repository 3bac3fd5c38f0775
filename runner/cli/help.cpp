#include "cli/help.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "report/text.hpp"

namespace dibs::cli {
namespace {

constexpr std::size_t columns = 80; ///< of every terminal

struct Row {
    std::string left;
    std::string right;
};

std::size_t widest_left(const std::vector<Row>& rows) {
    std::size_t widest = 0;
    for (const Row& row : rows)
        widest = std::max(widest, row.left.size());
    return widest;
}

/// Two columns, the right one in as many lines as it takes.
std::string table(const std::vector<Row>& rows, std::size_t widest) {
    std::string text;
    for (const Row& row : rows) {
        std::string left = row.left;
        for (const std::string& line : report::wrapped(row.right, columns - 4 - widest)) {
            text += fmt::format("  {:{}}  {}\n", left, widest, line);
            left.clear();
        }
    }
    return text;
}

std::string paragraphs(const std::string& text) {
    std::string lines;
    for (const std::string& line : report::wrapped(text, columns))
        lines += line + "\n";
    return lines;
}

std::string spelled(const Option& option) {
    if (option.value.empty())
        return "--" + option.name;
    if (!option.implied.empty())
        return fmt::format("--{}[={}]", option.name, option.value);
    return fmt::format("--{} {}", option.name, option.value);
}

std::vector<Row> rows_of(const std::vector<Option>& options) {
    std::vector<Row> rows;
    for (const Option& option : options)
        rows.push_back({spelled(option), option.help});
    return rows;
}

} // namespace

std::string overview() {
    std::vector<Row> rows;
    for (const Command& command : commands())
        rows.push_back({command.name + (command.words.empty() ? "" : " " + command.words), command.summary});
    return "dibs changes PostgreSQL databases with migrations written as C++ functions.\n\n"
           "Usage: dibs COMMAND [OPTIONS]\n\nCommands:\n" +
           table(rows, widest_left(rows)) +
           "\nA first project:\n  dibs init shop\n  cd shop\n  dibs migrate\n\n"
           "`dibs COMMAND --help` tells more about a command, `dibs --version` which dibs\nthis is.";
}

std::string help_for(const Command& command) {
    const std::string words = command.usage_words();
    std::string text =
        fmt::format("dibs {}: {}\n\nUsage: dibs {}{}{} [OPTIONS]\n\n{}", command.name, command.summary,
                    command.name, words.empty() ? "" : " ", words, paragraphs(command.details));
    if (!command.subcommands.empty()) {
        std::vector<Row> rows;
        for (const Choice& subcommand : command.subcommands)
            rows.push_back({subcommand.name, subcommand.help});
        text += "\n" + table(rows, widest_left(rows));
    }
    const std::size_t widest = widest_left(rows_of(options_of(command)));
    for (const OptionGroup& group : option_groups(command))
        text += fmt::format("\n{}:\n{}", group.title, table(rows_of(group.options), widest));
    if (!command.json.empty())
        text += "\n" + paragraphs("--json prints " + command.json +
                                  "; an error is {\"error\": {\"message\", \"hint\", \"code\"}}.");
    text += "\nExamples:\n";
    for (const std::string& example : command.examples)
        text += "  " + example + "\n";
    text.pop_back();
    return text;
}

} // namespace dibs::cli
