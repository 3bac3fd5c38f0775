#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace dibs::cli {

// What a shell sources to complete dibs's command line, made from commands() and their options. Versions and
// environments, which are the project's, the script asks of dibs itself by complete_command.
std::string bash_completion();
std::string zsh_completion();
std::string fish_completion();

/// `dibs __complete versions|environments WORDS`: not for people.
inline constexpr const char* complete_command = "__complete";

/// The names of a kind, a line each, in the project that WORDS (what is typed after "dibs") are about: from
/// its files alone, without a connection or a build. Nothing where there is none, or dibs.yaml is wrong.
std::string names_for_completion(std::string_view kind, const std::vector<std::string>& words);

/// "versions" or "environments" for complete_command; nothing where no question is needed.
std::string_view question(Values values);

} // namespace dibs::cli
