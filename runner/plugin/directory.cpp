#include "plugin/directory.hpp"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
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
std::optional<Failure> no_file(const std::string& path) {
    struct stat facts {};
    const bool found = stat(path.c_str(), &facts) == 0;
    if (found && S_ISREG(facts.st_mode))
        return std::nullopt;
    return Failure(
        ExitCode::other,
        fmt::format("{} is named like a migration, but {}", path, found ? "it is no file" : "leads nowhere"),
        "Remove or rename it.");
}

} // namespace

Listing look_for_migrations(const std::filesystem::path& folder, std::string_view ending) {
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
            const bool maybe_a_link = entry->d_type != DT_REG;
            std::optional<Failure> mistake = maybe_a_link ? no_file(path) : std::nullopt;
            if (mistake)
                listing.mistakes.push_back(*std::move(mistake));
            else
                listing.files.push_back({*std::move(version), std::move(path), maybe_a_link});
        } else if (resembles_migration(stem))
            listing.mistakes.emplace_back(
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

Listing list_migrations(const std::filesystem::path& folder, std::string_view ending) {
    Listing listing = look_for_migrations(folder, ending);
    if (!listing.mistakes.empty())
        throw listing.mistakes.front();
    return listing;
}

std::vector<ReadLibrary> try_read_libraries(const std::vector<NamedFile>& files) {
    std::vector<std::optional<ReadLibrary>> found(files.size());
    std::vector<std::exception_ptr> failures(files.size());
    const auto read_every = [&](std::size_t first, std::size_t step) {
        for (std::size_t i = first; i < files.size(); i += step) {
            try {
                found[i].emplace(read_library(files[i].path, files[i].version));
            } catch (const Failure& failure) {
                found[i].emplace(failure);
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
    std::vector<ReadLibrary> all;
    all.reserve(files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (failures[i])
            std::rethrow_exception(failures[i]);
        all.push_back(*std::move(found[i]));
    }
    return all;
}

std::vector<Library> read_libraries(const std::vector<NamedFile>& files) {
    std::vector<Library> libraries;
    libraries.reserve(files.size());
    for (ReadLibrary& each : try_read_libraries(files)) {
        if (const auto* const failure = std::get_if<Failure>(&each))
            throw *failure;
        libraries.push_back(std::get<Library>(std::move(each)));
    }
    return libraries;
}

} // namespace dibs::plugin
