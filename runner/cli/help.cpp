#include "cli/help.hpp"

#include <fmt/format.h>

#include "report/text.hpp"

namespace dibs::cli {
namespace {

std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::string text;
    for (const std::string& line : report::aligned(rows))
        text += "  " + line + "\n";
    return text;
}

std::string spelled(const Option& option) {
    if (option.value.empty())
        return "--" + option.name;
    if (!option.implied.empty())
        return fmt::format("--{}[={}]", option.name, option.value);
    return fmt::format("--{} {}", option.name, option.value);
}

std::string options_table(const std::vector<Option>& options) {
    std::vector<std::vector<std::string>> rows;
    for (const Option& option : options)
        rows.push_back({spelled(option), option.help});
    return table(rows);
}

} // namespace

const std::vector<Option>& common_options() {
    static const std::vector<Option> options{
        {"database-url", "URL", "",
         "where to connect: a URL or key=value pairs, as libpq takes them (DATABASE_URL)"},
        {"config", "FILE", "", "read this file, not the nearest dibs.yaml"},
        {"env", "NAME", "", "one of the `environments:` of dibs.yaml (DIBS_ENV)"},
        {"dir", "FOLDER", "", "where the migrations' libraries are (default build/migrations)"},
        {"json", "", "", "print facts as JSON"},
        {"quiet", "", "", "print errors and results only"},
        {"verbose", "", "", "say more"},
        {"color", "WHEN", "", "auto, always or never (NO_COLOR)"},
        {"help", "", "", "this text"},
    };
    return options;
}

std::string overview() {
    std::vector<std::vector<std::string>> rows;
    for (const Command& command : commands())
        rows.push_back({command.name + (command.words.empty() ? "" : " " + command.words), command.summary});
    return "dibs changes PostgreSQL databases with migrations written as C++ functions.\n\n"
           "Usage: dibs COMMAND [OPTIONS]\n\n" +
           table(rows) + "\n`dibs COMMAND --help` tells more about one, `dibs --version` which dibs this is.";
}

std::string help_for(const Command& command) {
    std::string text = fmt::format("dibs {}: {}\n\nUsage: dibs {}{}{} [OPTIONS]\n\n{}\n\nOptions:\n",
                                   command.name, command.summary, command.name,
                                   command.words.empty() ? "" : " ", command.words, command.details);
    if (!command.options.empty())
        text += options_table(command.options) + "\nOptions of all commands:\n";
    text += options_table(common_options()) + "\nExamples:\n";
    for (const std::string& example : command.examples)
        text += "  " + example + "\n";
    text.pop_back();
    return text;
}

} // namespace dibs::cli
