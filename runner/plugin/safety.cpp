#include "plugin/safety.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "report/failure.hpp"

namespace dibs::plugin {
namespace {

using process::AccessCheck;
using process::Exposure;
using report::ExitCode;
using report::Failure;

constexpr std::string_view origin = "$ORIGIN";
constexpr std::string_view braced_origin = "${ORIGIN}";

/// What stands behind $ORIGIN, if the entry begins with it.
std::optional<std::string_view> behind_origin(std::string_view entry) {
    for (const std::string_view word : {origin, braced_origin})
        if (entry.starts_with(word) && (entry.size() == word.size() || entry[word.size()] == '/'))
            return entry.substr(word.size());
    return std::nullopt;
}

std::vector<std::string> split(std::string_view list, std::string_view separators) {
    std::vector<std::string> entries;
    for (;;) {
        const std::size_t end = list.find_first_of(separators);
        entries.emplace_back(list.substr(0, end));
        if (end == std::string_view::npos)
            return entries;
        list.remove_prefix(end + 1);
    }
}

Failure refused(const std::string& path, const std::string& why, const std::string& cure) {
    return {ExitCode::other, fmt::format("{} is not loaded: {}", path, why),
            fmt::format("A library that it needs could come from there. {}, or load it all the same with "
                        "--allow-unsafe-libraries. Nothing was changed.",
                        cure)};
}

void refuse_search_path(AccessCheck& check, const std::string& path, const FileIdentity& identity) {
    const std::string build_absolute =
        "Link what it needs by an absolute path, or one that begins with $ORIGIN";
    const ElfDependencies dependencies = read_dependencies(path, identity);
    for (const std::string& needed : dependencies.needed)
        if (needed.find('/') != std::string::npos && !needed.starts_with('/'))
            throw refused(path, fmt::format("it needs {}, a path from the current folder", needed),
                          build_absolute);
    if (dependencies.search_path.empty())
        return;
    const std::filesystem::path own_folder = std::filesystem::path(path).parent_path();
    for (const std::string& entry : split(dependencies.search_path, ":")) {
        if (entry.empty())
            throw refused(
                path,
                fmt::format("it looks for other libraries in the current folder (its RUNPATH is {})",
                            dependencies.search_path),
                "An empty entry in it means that; CMake pads the RUNPATH of what is also installed with "
                "them, unless it is told CMAKE_BUILD_WITH_INSTALL_RPATH. Build it without");
        if (!is_fixed(entry))
            throw refused(
                path,
                fmt::format("it looks for other libraries in {}, a path from the current folder (its RUNPATH "
                            "is {})",
                            entry, dependencies.search_path),
                build_absolute);
        const auto rest = behind_origin(entry);
        const std::filesystem::path folder = rest ? own_folder.string().append(*rest) : entry;
        std::optional<Exposure> found = check.way_to(folder);
        for (const std::string& needed : dependencies.needed)
            if (!found && needed.find('/') == std::string::npos)
                found = check.way_to(folder / needed);
        if (found)
            throw refused(path,
                          fmt::format("it looks for other libraries in {} (RUNPATH), and {} {}",
                                      folder.string(), found->path, found->why),
                          "If that is yours, " + found->cure);
    }
}

} // namespace

bool is_fixed(std::string_view entry) {
    return entry.starts_with('/') || behind_origin(entry).has_value();
}

SearchPath split_search_path(std::string_view list) {
    SearchPath path;
    if (list.empty()) // which the loader ignores
        return path;
    for (std::string& entry : split(list, ":;")) { // ld.so(8)
        if (!is_fixed(entry))
            path.relative.push_back(std::move(entry));
        else
            path.fixed += (path.fixed.empty() ? "" : ":") + entry;
    }
    return path;
}

std::optional<Exposure> exposed(AccessCheck& check, const std::filesystem::path& folder,
                                const std::vector<NamedFile>& files, const std::vector<Library>& libraries) {
    std::optional<Exposure> found = check.way_to(folder);
    for (const NamedFile& file : files)
        if (!found && file.is_link)
            found = check.way_to(file.path);
    for (const Library& library : libraries)
        if (!found)
            found = check.file(library.path, library.identity.rights);
    return found;
}

void refuse_search_path(AccessCheck& check, const Library& library) {
    refuse_search_path(check, library.path, library.identity);
}

void refuse_search_path(AccessCheck& check, const SchemaLibrary& library) {
    refuse_search_path(check, library.path, library.identity);
}

} // namespace dibs::plugin
