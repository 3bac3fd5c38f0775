#include <fmt/format.h>

#include "cli/completion.hpp"

namespace dibs::cli {
namespace {

constexpr std::string_view opening = R"(# fish completion for dibs, as `dibs completion fish` prints it

# What is typed besides options and their values: the command and its words.
function __dibs_words
    set -l option
    for word in (commandline -opc)[2..]
        if test -n "$option"
            set option
            continue
        end
        switch $word
            case --
                return
            case )";

constexpr std::string_view after_value_options = R"(
                set option $word
            case '-*'
            case '*'
                printf '%s\n' $word
        end
    end
end

function __dibs_at
    set -l words (__dibs_words)
    test "$words" = "$argv"
end

function __dibs_in
    set -l words (__dibs_words)
    test "$words[1]" = "$argv[1]"
end

# The project's versions or environments, which dibs itself knows.
function __dibs_ask
    set -l typed (commandline -opc)
    $typed[1] __complete $argv[1] $typed[2..] 2>/dev/null
end

complete -c dibs -f
)";

std::string in_quotes(std::string_view text) {
    std::string result = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\')
            result += '\\';
        result += c;
    }
    return result + "'";
}

std::string described(const std::vector<Choice>& choices) {
    std::string words;
    for (const Choice& choice : choices)
        words += fmt::format(" {} {}", in_quotes(choice.name), in_quotes(choice.help));
    return in_quotes("(printf '%s\\t%s\\n'" + words + ")");
}

std::string values(const Option& option) {
    const std::string needed = option.implied.empty() ? " -r" : "";
    switch (option.values) {
    case Values::files:
        return needed + " -F";
    case Values::folders:
        return needed + " -f -a '(__fish_complete_directories)'";
    case Values::versions:
    case Values::environments:
        return fmt::format("{} -f -a '(__dibs_ask {})'", needed, question(option.values));
    case Values::anything:
        break;
    }
    return needed + " -f" + (option.choices.empty() ? "" : " -a " + described(option.choices));
}

std::string line(std::string_view condition, const Option& option) {
    return fmt::format("complete -c dibs -n {} -l {}{} -d {}\n", in_quotes(condition), option.name,
                       option.value.empty() ? "" : values(option), in_quotes(option.help));
}

/// Each option whose value is the next word, once.
std::string value_options() {
    std::string names;
    const auto add = [&](const Option& option) {
        if (!option.value.empty() && option.implied.empty())
            names += (names.empty() ? "--" : " --") + option.name;
    };
    for (const Option& option : shared_options())
        add(option);
    for (const Command& command : commands())
        for (const Option& option : command.options)
            add(option);
    return names;
}

} // namespace

std::string fish_completion() {
    std::string text = std::string(opening) + value_options() + std::string(after_value_options);
    for (const Option& option : shared_options())
        text += line("__dibs_at", option);
    text += "complete -c dibs -n __dibs_at -l version -d 'tell which dibs this is'\n";
    for (const Command& command : commands()) {
        text += fmt::format("\ncomplete -c dibs -n __dibs_at -a {} -d {}\n", command.name,
                            in_quotes(command.summary));
        for (const Choice& subcommand : command.subcommands)
            text += fmt::format("complete -c dibs -n '__dibs_at {}' -a {} -d {}\n", command.name,
                                subcommand.name, in_quotes(subcommand.help));
        if (command.word_values == Values::versions)
            text += fmt::format("complete -c dibs -n '{} {}' -a '(__dibs_ask {})'\n",
                                command.most_words > 1 ? "__dibs_in" : "__dibs_at", command.name,
                                question(command.word_values));
        if (command.word_values == Values::folders)
            text += fmt::format("complete -c dibs -n '__dibs_at {}' -a '(__fish_complete_directories)'\n",
                                command.name);
        for (const Option& option : options_of(command))
            text += line("__dibs_in " + command.name, option);
    }
    return text;
}

} // namespace dibs::cli
