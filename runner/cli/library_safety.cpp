#include "cli/library_safety.hpp"

#include <fmt/format.h>

#include "config/environment.hpp"
#include "plugin/safety.hpp"

namespace dibs::cli {
namespace {

using process::Exposure;
using report::ExitCode;
using report::Failure;

std::string described(const config::Settings& settings, const Exposure& found) {
    return fmt::format("the libraries in {} are not loaded: {} {}", settings.libraries.string(), found.path,
                       found.why);
}

} // namespace

Option allow_unsafe_option() {
    return {.name = "allow-unsafe-libraries",
            .help = "load also what other accounts than yours and root could have written"};
}

bool LibrarySafety::allowed() {
    const config::Settings& settings = invocation_.settings;
    if (invocation_.arguments.has("allow-unsafe-libraries"))
        return true;
    if (!settings.allow_unsafe_libraries || !settings.file)
        return false;
    // dibs.yaml is looked for upwards: the one in /tmp may be anybody's.
    if (const std::optional<Exposure> found = check_.way_to(*settings.file)) {
        invocation_.sink.warn(fmt::format("allow_unsafe_libraries in {} does not count: {} {}",
                                          settings.file->string(), found->path, found->why));
        return false;
    }
    return true;
}

void LibrarySafety::refuse_exposed(const std::vector<plugin::NamedFile>& files,
                                   const std::vector<plugin::Library>& libraries) {
    const auto found = plugin::exposed(check_, invocation_.settings.libraries, files, libraries);
    if (found && !allowed())
        throw Failure(
            ExitCode::other, described(invocation_.settings, *found),
            fmt::format("Whoever writes it could run code as you. If it is yours, {}; or load them all the "
                        "same with --allow-unsafe-libraries. Nothing was changed.",
                        found->cure));
}

void LibrarySafety::tell_exposed(const std::vector<plugin::NamedFile>& files,
                                 const std::vector<plugin::Library>& libraries) {
    if (!invocation_.sink.verbosity().verbose)
        return;
    if (const auto found = plugin::exposed(check_, invocation_.settings.libraries, files, libraries))
        invocation_.sink.detail(
            fmt::format("`dibs migrate` will refuse them: {}", described(invocation_.settings, *found)));
}

void LibrarySafety::refuse_exposed(const plugin::SchemaLibrary& library) {
    std::optional<Exposure> found = check_.way_to(library.path);
    if (!found)
        found = check_.file(library.path, library.identity.rights);
    if (found && !allowed())
        throw Failure(
            ExitCode::other,
            fmt::format("the schema's library {} is not loaded: {} {}", library.path, found->path,
                        found->why),
            fmt::format(
                "Whoever writes it could run code as you. If it is yours, {}; or load it all the same "
                "with --allow-unsafe-libraries.",
                found->cure));
    try {
        plugin::refuse_search_path(check_, library);
    } catch (const Failure&) {
        if (!allowed())
            throw;
    }
}

void LibrarySafety::refuse_search_path(const plugin::Library& library) {
    try {
        plugin::refuse_search_path(check_, library);
    } catch (const Failure&) {
        if (!allowed())
            throw;
    }
}

void LibrarySafety::refuse_search_path_of_environment(bool in_process) {
    const char* const name = "LD_LIBRARY_PATH";
    const plugin::SearchPath path =
        plugin::split_search_path(config::process_environment()(name).value_or(""));
    if (path.relative.empty() || (in_process && allowed()))
        return;
    for (const std::string& entry : path.relative) {
        const std::string what = entry.empty() ? "an empty entry, the current folder to the loader"
                                               : fmt::format("'{}', a path from the current folder", entry);
        if (in_process)
            throw Failure(
                ExitCode::usage,
                fmt::format("{} has {}, and with --in-process it is too late to leave that out", name, what),
                fmt::format("Set it to absolute paths: {}='{}'. Nothing was changed.", name, path.fixed));
        if (entry.empty())
            invocation_.sink.detail(fmt::format("{} has {}: left out.", name, what));
        else
            invocation_.sink.warn(fmt::format("{} has {}: no library is looked for there.", name, what));
    }
}

} // namespace dibs::cli
