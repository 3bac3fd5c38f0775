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

Failure unknown(const std::string& typed, const std::vector<Option>& options, std::string_view command) {
    std::vector<std::string> names;
    for (const Option& option : options)
        names.push_back("--" + option.name);
    std::string hint = report::did_you_mean(typed, names);
    hint += fmt::format("{}`dibs {} --help` lists the options.", hint.empty() ? "" : " ", command);
    return {ExitCode::usage, fmt::format("unknown option {}", typed), std::move(hint)};
}

} // namespace

std::optional<std::string> Arguments::value(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
}

Arguments parse(const std::vector<std::string>& typed, const std::vector<Option>& options,
                std::string_view command) {
    po::options_description description;
    for (const Option& option : options) {
        auto* const value = option.value.empty() ? nullptr : po::value<std::string>();
        if (value == nullptr)
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
            const auto known = std::find_if(options.begin(), options.end(), [&](const Option& each) {
                return each.name == option.string_key;
            });
            const std::string value = option.value.empty() ? known->implied : option.value.front();
            if (!arguments.values_.emplace(option.string_key, value).second)
                throw Failure(ExitCode::usage, fmt::format("--{} is given twice", option.string_key),
                              "Give it once.");
        }
    } catch (const po::error& error) {
        throw Failure(ExitCode::usage, error.what(), fmt::format("See `dibs {} --help`.", command));
    }
    return arguments;
}

} // namespace dibs::cli
