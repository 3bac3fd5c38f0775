#include "plugin/directory.hpp"

#include <algorithm>
#include <exception>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "report/failure.hpp"

namespace dibs::plugin {

using report::ExitCode;
using report::Failure;

Listing list_migrations(const std::filesystem::path& folder, std::string_view ending) {
    Listing listing;
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    const std::filesystem::directory_iterator end;
    for (; !error && entries != end; entries.increment(error)) {
        const std::filesystem::path& path = entries->path();
        if (path.extension() != ending)
            continue;
        const std::string stem = path.stem().string();
        if (std::optional<Version> version = Version::from_stem(stem)) {
            std::error_code unknown;
            if (!entries->is_regular_file(unknown)) // a pipe would be waited for
                throw Failure(ExitCode::other,
                              fmt::format("{}: named like a migration, but {}", path.string(),
                                          unknown ? unknown.message() : "not a file"),
                              "Remove or rename it.");
            listing.files.push_back({*std::move(version), path});
        } else if (resembles_migration(stem))
            throw Failure(
                ExitCode::other,
                fmt::format("{}: no such date and time, or a name with other than letters, digits and '_'",
                            path.string()),
                "Name it m<YYYY>_<MM>_<DD>_<HHMMSS>_<name>, as `dibs generate NAME` does.");
        else
            listing.ignored.push_back(path);
    }
    if (error)
        throw Failure(ExitCode::other,
                      fmt::format("cannot read the folder {}: {}", folder.string(), error.message()),
                      "Build the migrations first (cmake --build), or give their folder with --dir.");
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
