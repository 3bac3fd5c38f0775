#pragma once

#include <string>

namespace dibs::cli {

/// `dibs __man`: not for people, who have it as `man dibs`.
inline constexpr const char* man_command = "__man";

/// The manual page dibs(1), made from commands() and their options, for man (man(7) tells the format).
std::string manual_page();

} // namespace dibs::cli
