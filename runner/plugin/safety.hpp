#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/directory.hpp"
#include "plugin/library.hpp"
#include "process/access.hpp"

namespace dibs::plugin {

/// Where another account could have put code into what is in this folder, or into the folder.
/// @param libraries as they were read from these files of it
std::optional<process::Exposure> exposed(process::AccessCheck& check, const std::filesystem::path& folder,
                                         const std::vector<NamedFile>& files,
                                         const std::vector<Library>& libraries);

/// Refuses a library that makes the loader look into a folder that depends on where dibs is started, or in
/// which another account could have put code: a library that it needs would be taken from there.
/// @throws report::Failure
void refuse_search_path(process::AccessCheck& check, const Library& library);
void refuse_search_path(process::AccessCheck& check, const SchemaLibrary& library);

/// Whether an entry of a search path is the same wherever a program is started. $ORIGIN is the folder of the
/// library itself.
[[nodiscard]] bool is_fixed(std::string_view entry);

/// What of LD_LIBRARY_PATH the loader would look for in the current folder or below it, and the rest. It
/// takes an empty entry for the current folder, so that LD_LIBRARY_PATH=$LD_LIBRARY_PATH:/opt/lib may name
/// it.
struct SearchPath {
    std::string fixed;
    std::vector<std::string> relative; ///< empty ones among them
};
[[nodiscard]] SearchPath split_search_path(std::string_view list);

} // namespace dibs::plugin
