#include "plugin/directory.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <thread>

#include <fmt/format.h>

#include "report/failure.hpp"

namespace dibs::plugin {

using report::ExitCode;
using report::Failure;

namespace {

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { closedir(directory); }
};

/// A link may lead to a file; a pipe would be waited for.
void check_file(const std::string& path) {
    struct stat facts {};
    const bool found = stat(path.c_str(), &facts) == 0;
    if (!found || !S_ISREG(facts.st_mode))
        throw Failure(ExitCode::other,
                      fmt::format("{} is named like a migration, but {}", path,
                                  found ? "it is no file" : "leads nowhere"),
                      "Remove or rename it.");
}

} // namespace

Listing list_migrations(const std::filesystem::path& folder, std::string_view ending) {
    Listing listing;
    const std::string prefix = (folder / "").native();
    const std::unique_ptr<DIR, CloseDirectory> entries(opendir(folder.c_str()));
    // Not a directory_iterator: the paths that it makes cost more than reading the folder.
    const dirent* entry = nullptr;
    while (entries && (errno = 0, entry = readdir(entries.get())) != nullptr) {
        std::string_view stem = entry->d_name;
        if (!stem.ends_with(ending))
            continue;
        std::string path = prefix + entry->d_name;
        stem.remove_suffix(ending.size());
        if (std::optional<Version> version = Version::from_stem(stem)) {
            if (entry->d_type != DT_REG)
                check_file(path);
            listing.files.push_back({*std::move(version), std::move(path), entry->d_type != DT_REG});
        } else if (resembles_migration(stem))
            throw Failure(
                ExitCode::other,
                fmt::format("{}: no such date and time, or a name with other than letters, digits and '_'",
                            path),
                "Name it m<YYYY>_<MM>_<DD>_<HHMMSS>_<name>, as `dibs generate NAME` does.");
        else
            listing.ignored.emplace_back(std::move(path));
    }
    if (const int error = errno; !entries || error != 0)
        throw Failure(
            ExitCode::other,
            fmt::format("cannot read the folder {}: {}", folder.string(), std::strerror(error)),
            error == ENOENT
                ? "Build the migrations first (cmake --build), or give their folder with --dir. "
                  "Nothing was changed."
                : "Give the migrations' folder with --dir, and let this account read it. Nothing was "
                  "changed.");
    std::sort(listing.files.begin(), listing.files.end(),
              [](const NamedFile& a, const NamedFile& b) { return a.version < b.version; });
    std::sort(listing.ignored.begin(), listing.ignored.end());
    return listing;
}

std::vector<Library> read_libraries(const std::vector<NamedFile>& files) {
    std::vector<std::optional<Library>> found(files.size());
    std::vector<std::exception_ptr> failures(files.size());
    const auto read_every = [&](std::size_t first, std::size_t step) {
        for (std::size_t i = first; i < files.size(); i += step) {
            try {
                found[i].emplace(read_library(files[i].path, files[i].version));
            } catch (...) {
                failures[i] = std::current_exception();
            }
        }
    };
    constexpr std::size_t worth_a_thread = 100;
    const std::size_t threads = std::clamp<std::size_t>(files.size() / worth_a_thread, 1,
                                                        std::max(1U, std::thread::hardware_concurrency()));
    {
        std::vector<std::jthread> others;
        for (std::size_t i = 1; i < threads; ++i)
            others.emplace_back(read_every, i, threads);
        read_every(0, threads);
    }
    std::vector<Library> libraries;
    libraries.reserve(files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (failures[i])
            std::rethrow_exception(failures[i]);
        libraries.push_back(*std::move(found[i]));
    }
    return libraries;
}

} // namespace dibs::plugin
