#include <fmt/format.h>

#include "cli/completion.hpp"

namespace dibs::cli {
namespace {

constexpr std::string_view opening = R"bash(# bash completion for dibs, as `dibs completion bash` prints it

# Of the lines that are read, those that begin with $cur.
__dibs_matching() {
    local line
    while IFS= read -r line; do
        [[ $line != "$cur"* ]] || COMPREPLY+=("$(printf %q "$line")")
    done
}

# The project's versions or environments, which dibs itself knows.
__dibs_ask() {
    __dibs_matching < <("${COMP_WORDS[0]/#\~\//$HOME/}" __complete "$1" "${COMP_WORDS[@]:1}" 2>/dev/null)
}

__dibs_files() {
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_dibs() {
    local cur=${COMP_WORDS[COMP_CWORD]} option='' given=' ' names='' options='' word i
    local words=()
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; ++i)); do
        word=${COMP_WORDS[i]}
        given+="${word%%=*} "
        if [[ $word == '=' ]]; then # --option=value comes in three words
            option=${COMP_WORDS[i - 1]}
        elif [[ -n $option ]]; then
            option=''
        else
            case ${words[0]-}:$word in
            *:--) return ;;
)bash";

constexpr std::string_view middle = R"bash(            *:-*) ;;
            *) words+=("$word") ;;
            esac
        fi
    done
    if [[ $cur == '=' ]]; then
        option=${COMP_WORDS[COMP_CWORD - 1]} cur=''
    fi
    case ${words[0]-}:$option in
    *:) ;;
)bash";

constexpr std::string_view before_words = R"bash(    *) return ;;
    esac
    case ${words[0]-}:${#words[@]} in
)bash";

constexpr std::string_view ending = R"bash(    esac
    if [[ $cur == -* ]]; then
        names=''
        for word in $options; do
            [[ $given == *" ${word%%=*} "* ]] || names+=" $word"
        done
    fi
    __dibs_matching < <(compgen -W "$names")
}

complete -F _dibs dibs
)bash";

/// A pattern for "COMMAND:--option"; shared options have no command.
std::string pattern(std::string_view command, const Option& option) {
    return fmt::format("{}:--{}", command, option.name);
}

std::string action(Values values, const std::vector<Choice>& choices) {
    switch (values) {
    case Values::files:
        return "__dibs_files -f";
    case Values::folders:
        return "__dibs_files -d";
    case Values::versions:
    case Values::environments:
        return fmt::format("__dibs_ask {}", question(values));
    case Values::anything:
        break;
    }
    std::string names;
    for (const Choice& choice : choices)
        names += (names.empty() ? "" : " ") + choice.name;
    return names.empty() ? "" : fmt::format("__dibs_matching < <(compgen -W '{}')", names);
}

/// What each value is completed by, and which options have one in the next word.
struct OptionCases {
    std::string values;
    std::string with_value;

    void add(std::string_view command, const Option& option) {
        if (option.value.empty())
            return;
        if (option.implied.empty())
            with_value += fmt::format("{}{}", with_value.empty() ? "" : " | ", pattern(command, option));
        if (const std::string how = action(option.values, option.choices); !how.empty())
            values += fmt::format("    {})\n        {}\n        return\n        ;;\n",
                                  pattern(command, option), how);
    }
};

std::string spellings(const std::vector<Option>& options) {
    std::string all;
    for (const Option& option : options) {
        all += (all.empty() ? "--" : " --") + option.name;
        if (!option.implied.empty())
            for (const Choice& choice : option.choices)
                if (choice.name != option.implied)
                    all += fmt::format(" --{}={}", option.name, choice.name);
    }
    return all;
}

} // namespace

std::string bash_completion() {
    OptionCases cases;
    for (const Option& option : shared_options())
        cases.add("*", option);
    std::string names;
    std::string words;
    for (const Command& command : commands()) {
        for (const Option& option : command.options)
            cases.add(command.name, option);
        names += (names.empty() ? "" : " ") + command.name;
        const std::string options = spellings(options_of(command));
        if (!command.subcommands.empty()) {
            std::string subcommands;
            for (const Choice& subcommand : command.subcommands)
                subcommands += (subcommands.empty() ? "" : " ") + subcommand.name;
            words +=
                fmt::format("    {}:1) names='{}' options='{}' ;;\n", command.name, subcommands, options);
        } else if (const std::string how = action(command.word_values, {}); !how.empty()) {
            words += fmt::format("    {}:{})\n        options='{}'\n        if [[ $cur != -* ]]; then\n"
                                 "            {}\n            return\n        fi\n        ;;\n",
                                 command.name, command.most_words > 1 ? "*" : "1", options, how);
        }
        words += fmt::format("    {}:*) options='{}' ;;\n", command.name, options);
    }
    return fmt::format(
        "{}            {}) option=$word ;;\n{}{}{}    :*) names='{}' options='{} --version' ;;\n{}{}",
        opening, cases.with_value, middle, cases.values, before_words, names, spellings(shared_options()),
        words, ending);
}

} // namespace dibs::cli
