#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "plugin/library.hpp"
#include "plugin/version.hpp"

namespace dibs::plugin {

/// A file that carries a migration's name.
struct NamedFile {
    Version version;
    std::string
        path; ///< a std::filesystem::path keeps a copy of each of its parts, and there may be thousands
    bool is_link = false; ///< or may be one, on a file system that does not tell
};

struct Listing {
    std::vector<NamedFile> files;               ///< in order of version
    std::vector<std::filesystem::path> ignored; ///< with the ending, but not named like a migration
};

/// The migrations' files with this ending (".so", ".cpp") in a folder; other endings are passed over.
/// @throws report::Failure when the folder cannot be read, a timestamp does not exist, or two files have one
/// version
Listing list_migrations(const std::filesystem::path& folder, std::string_view ending);

/// Reads every library, on as many threads as the machine has cores where there are many.
/// @throws report::Failure as read_library() does, for the first in order
std::vector<Library> read_libraries(const std::vector<NamedFile>& files);

} // namespace dibs::plugin
