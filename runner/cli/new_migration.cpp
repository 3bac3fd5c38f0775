#include "cli/new_migration.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "cli/new_file.hpp"
#include "plugin/directory.hpp"
#include "process/file_descriptor.hpp"

namespace dibs::cli {

using plugin::Version;
using process::FileDescriptor;
using report::ExitCode;
using report::Failure;

std::string file_name_part(const std::string& typed) {
    std::string name = typed;
    std::replace(name.begin(), name.end(), '-', '_');
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(c < 128 ? std::tolower(c) : c); });
    const bool has_letter = std::any_of(name.begin(), name.end(), [](char c) { return c != '_'; });
    if (!plugin::valid_name(name) || !has_letter)
        throw Failure(ExitCode::usage, fmt::format("'{}' is no name for a migration", typed),
                      "A name has letters a-z, digits, '_' and '-', and at most 200 characters, like "
                      "backfill-user-data. Nothing was written.");
    return name;
}

namespace {

/// Now, or a second after the newest there is: what is written last always comes last.
std::chrono::sys_seconds next_moment(const Invocation& invocation) {
    auto moment = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    for (const auto& [folder, ending] :
         {std::pair(invocation.settings.source, ".cpp"), std::pair(invocation.settings.libraries, ".so")}) {
        if (!std::filesystem::is_directory(folder))
            continue;
        const plugin::Listing listing = plugin::list_migrations(folder, ending);
        if (!listing.files.empty() && listing.files.back().version.moment() >= moment)
            moment = listing.files.back().version.moment() + std::chrono::seconds(1);
    }
    return moment;
}

} // namespace

std::vector<NewMigration>
write_migrations(const Invocation& invocation, const std::vector<std::string>& names,
                 const std::function<std::string(std::size_t, const Version&)>& text_of) {
    const std::filesystem::path& folder = invocation.settings.source;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    const FileDescriptor lock(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock || flock(lock.get(), LOCK_EX) != 0) // another one at the same moment takes the next second
        cannot("open the folder", folder);
    std::chrono::sys_seconds moment = next_moment(invocation);
    std::vector<NewMigration> written;
    try {
        for (std::size_t i = 0; i < names.size(); ++i, moment += std::chrono::seconds(1)) {
            Version version(moment, names[i]);
            std::filesystem::path path = folder / (version.stem() + ".cpp");
            write_new_file(path, text_of(i, version));
            written.push_back({std::move(version), std::move(path)});
        }
    } catch (...) {
        for (const NewMigration& migration : written)
            std::filesystem::remove(migration.path, error);
        throw;
    }
    return written;
}

} // namespace dibs::cli
