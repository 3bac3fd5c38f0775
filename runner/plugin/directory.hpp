#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plugin/library.hpp"
#include "plugin/version.hpp"
#include "report/failure.hpp"

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
    std::vector<report::Failure> mistakes;      ///< named like one, and yet none
};

/// The migrations' files with this ending (".so", ".cpp") in a folder; other endings are passed over.
/// @throws report::Failure when the folder cannot be read
Listing look_for_migrations(const std::filesystem::path& folder, std::string_view ending);
/// The same. @throws report::Failure for a mistake as well
Listing list_migrations(const std::filesystem::path& folder, std::string_view ending);

/// A library, or why read_library() would not have it.
using ReadLibrary = std::variant<Library, report::Failure>;

/// Tries to read every library, on as many threads as the machine has cores where there are many.
std::vector<ReadLibrary> try_read_libraries(const std::vector<NamedFile>& files);
/// The same. @throws report::Failure for the first in order that cannot be read
std::vector<Library> read_libraries(const std::vector<NamedFile>& files);

} // namespace dibs::plugin
