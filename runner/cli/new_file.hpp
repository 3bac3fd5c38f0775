#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dibs::cli {

/// Writes a file that was not there; one that cannot be written whole is removed again.
/// @throws report::Failure, also when there is something of that name
void write_new_file(const std::filesystem::path& path, std::string_view text);

/// The error for a file or folder after a call that failed, from errno: "cannot <what> <path>: ...".
[[noreturn]] void cannot(std::string_view what, const std::filesystem::path& path);

/// As one word for a POSIX shell, quoted only where it must be.
std::string shell_word(std::string_view text);

} // namespace dibs::cli
