#pragma once

#include <filesystem>
#include <string>

namespace dibs::cli {

/// The file of the running program.
std::filesystem::path own_program();

/// What to type in a shell for this program: "dibs" where PATH leads to it, else its whole path.
std::string how_to_call_dibs();

/// Where find_package(dibs) finds the SDK that belongs to this program: the prefix it was installed to, or
/// the build tree that made it.
std::filesystem::path own_prefix();

} // namespace dibs::cli
