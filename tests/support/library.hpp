#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::tests {

/// The whole source of a migration with this body, which begins at line 15; the usual headers are there.
std::string source_around(std::string_view body, std::string_view options = "");

/// The same with a rollback() of this body behind it.
std::string reversible_source(std::string_view body, std::string_view undo, std::string_view options = "");

/// Compiles a migration with the flags of dibs_add_migrations(), and these behind the others. Throws what the
/// compiler says.
void compile(const std::filesystem::path& source, const std::filesystem::path& library,
             const std::vector<std::string>& more_flags = {});

/// Writes <folder>/<stem>.cpp, and compiles it to <folder>/<stem>.so, which is returned.
std::filesystem::path build_library(const std::filesystem::path& folder, const std::string& stem,
                                    std::string_view text);

} // namespace dibs::tests
