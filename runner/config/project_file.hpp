#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

namespace dibs::config {

/// The dibs.yaml in `folder` or the nearest folder above it; nothing where there is none.
/// Throws report::Failure where a dibs.yml is met first, which would be passed over in silence.
[[nodiscard]] std::optional<std::filesystem::path> find_project_file(const std::filesystem::path& folder);

/// The whole file, or somewhat more than `limit` bytes of it. `shown` is its name in an error.
/// Throws report::Failure for a file that is missing, a folder, or cannot be read.
[[nodiscard]] std::string read_project_file(const std::filesystem::path& file, const std::string& shown,
                                            std::size_t limit);

/// `file` as a person in `folder` would call it: the shorter of the absolute and the relative path.
[[nodiscard]] std::string shown_path(const std::filesystem::path& file, const std::filesystem::path& folder);

} // namespace dibs::config
