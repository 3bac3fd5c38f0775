#include <fmt/format.h>

#include "cli/completion.hpp"

namespace dibs::cli {
namespace {

constexpr std::string_view opening = R"zsh(#compdef dibs
# zsh completion for dibs, as `dibs completion zsh` prints it

# The project's versions or environments, which dibs itself knows.
__dibs_ask() {
    local program=${(Q)typed[1]/#\~\//$HOME/} expl
    local -a names
    names=(${(f)"$($program __complete $1 ${(Q)typed[2,-1]} 2>/dev/null)"})
    _wanted $1 expl $1 compadd -a names
}

_dibs() {
    local context state state_descr line curcontext=$curcontext ret=1
    local -A opt_args
    local -a typed commands
    typed=("${words[@]}")
    commands=(
)zsh";

constexpr std::string_view before_options = R"zsh(    )
    _arguments -s -S -C : \
)zsh";

constexpr std::string_view before_words = R"zsh(        '1: :->command' '*::: :->words' && ret=0
    case $state in
    command)
        _describe -t commands 'dibs command' commands && ret=0
        ;;
    words)
        words=($line[1] "${words[@]}")
        ((CURRENT += 1))
        curcontext=${curcontext%:*:*}:dibs-$line[1]:
        case $line[1] in
)zsh";

constexpr std::string_view ending = R"zsh(        esac
        ;;
    esac
    return ret
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _dibs "$@"
else
    compdef _dibs dibs
fi
)zsh";

/// With a backslash before each of these, as _arguments and _describe want it.
std::string escaped(std::string_view text, std::string_view characters) {
    std::string result;
    for (const char c : text) {
        if (characters.find(c) != std::string_view::npos || c == '\\')
            result += '\\';
        result += c;
    }
    return result;
}

std::string in_quotes(std::string_view text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? "'\\''" : std::string(1, c);
    return result + "'";
}

/// ((plan\:"list what would be applied" execute\:"..."))
std::string described(const std::vector<Choice>& choices) {
    std::string text;
    for (const Choice& choice : choices)
        text += fmt::format("{}{}\\:\"{}\"", text.empty() ? "" : " ", choice.name,
                            escaped(choice.help, ":\"()`$"));
    return "((" + text + "))";
}

std::string action(Values values, const std::vector<Choice>& choices) {
    switch (values) {
    case Values::files:
        return "_files";
    case Values::folders:
        return "_files -/";
    case Values::versions:
    case Values::environments:
        return fmt::format(" __dibs_ask {}", question(values)); // the space: called with this word alone
    case Values::anything:
        break;
    }
    return choices.empty() ? " " : described(choices);
}

std::string specification(const Option& option) {
    std::string text = "--" + option.name;
    if (!option.value.empty())
        text += option.implied.empty() ? "=" : "=-";
    text += "[" + escaped(option.help, "[]:") + "]";
    if (!option.value.empty())
        text += fmt::format("{}{}:{}", option.implied.empty() ? ":" : "::", option.value,
                            action(option.values, option.choices));
    return in_quotes(text);
}

} // namespace

std::string zsh_completion() {
    std::string text(opening);
    for (const Command& command : commands())
        text += "        " + in_quotes(escaped(command.name, ":") + ":" + command.summary) + "\n";
    text += before_options;
    for (const Option& option : shared_options())
        text += "        " + specification(option) + " \\\n";
    text += "        '(- *)--version[tell which dibs this is]' \\\n";
    text += before_words;
    for (const Command& command : commands()) {
        text += fmt::format("        {})\n            _arguments -s -S : \\\n", command.name);
        for (const Option& option : options_of(command))
            text += "                " + specification(option) + " \\\n";
        const bool completed = !command.subcommands.empty() || command.word_values != Values::anything;
        const bool every_word = completed && command.subcommands.empty() && command.most_words > 1;
        if (completed)
            text += "                " +
                    in_quotes((every_word ? "*:" : "1:") +
                              (command.words.empty() ? command.name : escaped(command.words, "[]:")) + ":" +
                              action(command.word_values, command.subcommands)) +
                    " \\\n";
        text += fmt::format("                {}&& ret=0\n            ;;\n", every_word ? "" : "'*: : ' ");
    }
    return text + std::string(ending);
}

} // namespace dibs::cli
