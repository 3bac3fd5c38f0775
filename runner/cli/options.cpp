#include "cli/options.hpp"

#include <algorithm>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "report/failure.hpp"
#include "report/suggestion.hpp"

namespace dibs::cli {
namespace {

namespace po = boost::program_options;
using report::ExitCode;
using report::Failure;

std::string see_help(std::string_view command) {
    return fmt::format("`{} --help` lists the options.", command);
}

Failure unknown(const std::string& typed, const std::vector<Option>& options, std::string_view command) {
    std::vector<std::string> names;
    for (const Option& option : options)
        names.push_back("--" + option.name);
    std::string hint = report::did_you_mean(typed, names);
    hint += (hint.empty() ? "" : " ") + see_help(command);
    return {ExitCode::usage, fmt::format("{} has no option {}", command, typed), std::move(hint)};
}

void check_choice(const Option& option, const std::string& value, std::string_view command) {
    if (const std::size_t comma = value.find(','); option.several && comma != std::string::npos) {
        check_choice(option, value.substr(0, comma), command);
        return check_choice(option, value.substr(comma + 1), command);
    }
    std::vector<std::string> names;
    for (const Choice& choice : option.choices)
        names.push_back(choice.name);
    if (names.empty() || std::find(names.begin(), names.end(), value) != names.end())
        return;
    std::string hint = report::did_you_mean(value, names);
    throw Failure(ExitCode::usage,
                  fmt::format("--{} takes {}, not '{}'", option.name, listed(option.choices), value),
                  hint.empty() ? see_help(command) : std::move(hint));
}

const Option& option_called(const std::vector<Option>& options, const std::string& name) {
    return *std::find_if(options.begin(), options.end(),
                         [&](const Option& option) { return option.name == name; });
}

/// What Boost found wrong with an option that exists.
Failure wrong_syntax(const boost::program_options::invalid_command_line_syntax& error,
                     const std::vector<Option>& options, std::string_view command) {
    std::string name = error.get_option_name();
    name.erase(0, name.find_first_not_of('-'));
    const auto known = std::find_if(options.begin(), options.end(),
                                    [&](const Option& option) { return option.name == name; });
    if (known == options.end())
        return {ExitCode::usage, error.what(), see_help(command)};
    if (known->value.empty())
        return {ExitCode::usage, fmt::format("--{} takes no value", name), see_help(command)};
    return {ExitCode::usage, fmt::format("--{} needs a value: --{} {}", name, name, known->value),
            see_help(command)};
}

} // namespace

std::optional<std::string> Arguments::value(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

std::string listed(const std::vector<Choice>& choices) {
    std::string text;
    for (std::size_t i = 0; i < choices.size(); ++i)
        text += (i == 0 ? "" : i + 1 < choices.size() ? ", " : " or ") + choices[i].name;
    return text;
}

Arguments parse(const std::vector<std::string>& typed, const std::vector<Option>& options,
                std::string_view command) {
    po::options_description description;
    for (const Option& option : options) {
        auto* const value = option.value.empty() ? nullptr : po::value<std::string>();
        if (option.name == "help")
            description.add_options()("help,h", "");
        else if (value == nullptr)
            description.add_options()(option.name.c_str(), "");
        else if (option.implied.empty())
            description.add_options()(option.name.c_str(), value);
        else
            description.add_options()(option.name.c_str(), value->implicit_value(option.implied));
    }
    const std::string word = " word"; // no option can be typed like this
    description.add_options()(word.c_str(), po::value<std::vector<std::string>>());
    Arguments arguments;
    try {
        const int style = po::command_line_style::allow_long | po::command_line_style::long_allow_next |
                          po::command_line_style::long_allow_adjacent | po::command_line_style::allow_short |
                          po::command_line_style::short_allow_next |
                          po::command_line_style::allow_dash_for_short;
        const po::parsed_options parsed =
            po::command_line_parser(typed)
                .options(description)
                .positional(po::positional_options_description().add(word.c_str(), -1))
                .style(style)
                .allow_unregistered()
                .run();
        for (const po::option& option : parsed.options) {
            if (option.unregistered && !option.original_tokens.empty())
                throw unknown(
                    option.original_tokens.front().substr(0, option.original_tokens.front().find('=')),
                    options, command);
            if (option.position_key >= 0) {
                arguments.words_.insert(arguments.words_.end(), option.value.begin(), option.value.end());
                continue;
            }
            const Option& known = option_called(options, option.string_key);
            const std::string value = option.value.empty() ? known.implied : option.value.front();
            check_choice(known, value, command);
            if (!arguments.values_.emplace(option.string_key, value).second)
                throw Failure(ExitCode::usage, fmt::format("--{} is given twice", option.string_key),
                              "Give it once.");
        }
    } catch (const po::invalid_command_line_syntax& error) {
        throw wrong_syntax(error, options, command);
    } catch (const po::error& error) {
        throw Failure(ExitCode::usage, error.what(), see_help(command));
    }
    return arguments;
}

} // namespace dibs::cli
