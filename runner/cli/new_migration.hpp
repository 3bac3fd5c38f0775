#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "plugin/version.hpp"

namespace dibs::cli {

/// What was typed, as a migration's file name has it. @throws report::Failure (usage)
std::string file_name_part(const std::string& typed);

struct NewMigration {
    plugin::Version version;
    std::filesystem::path path; ///< absolute
};

/// Writes migrations that sort after every one that is there, a second apart, in this order: all or none.
/// @param text_of called with each version
/// @throws report::Failure
std::vector<NewMigration>
write_migrations(const Invocation& invocation, const std::vector<std::string>& names,
                 const std::function<std::string(std::size_t, const plugin::Version&)>& text_of);

} // namespace dibs::cli
