#include "cli/declared_schema.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/build.hpp"
#include "cli/library_safety.hpp"
#include "declared/reader.hpp"
#include "plugin/library.hpp"
#include "worker/host.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;
using report::Failure;

Failure thrown(const worker::Ending& ending, const declared::Listener& listener) {
    const worker::CallFailure& failure = ending.failure;
    const auto body = listener.unfinished();
    if (!body)
        return {ExitCode::other,
                fmt::format("the schema threw {}: {}", ending.exception_type, failure.message), failure.hint};
    const declared::Where where =
        failure.file.empty() ? body->where : declared::Where{failure.file, failure.line};
    return {ExitCode::other,
            fmt::format("{}: {} threw {}: {}", text_of(where), body->what, ending.exception_type,
                        failure.message),
            failure.hint};
}

/// A crash, or exit().
Failure died(const std::string& path, const worker::WorkerDied& death, const declared::Listener& listener) {
    if (const auto body = listener.unfinished())
        return {ExitCode::other, fmt::format("{}: {}: {}", text_of(body->where), body->what, death.what())};
    return {ExitCode::other, fmt::format("{}: {} while it was loaded", path, death.what()),
            "A static constructor of it, or of a library it links, does this."};
}

/// Where no build sees to it, the library may be of other sources than those that are there now.
void warn_of_newer_sources(Invocation& invocation, const plugin::SchemaLibrary& library) {
    namespace fs = std::filesystem;
    const config::Settings& settings = invocation.settings;
    if (builds(invocation))
        return;
    std::error_code error; // what cannot be looked at is not warned of
    const fs::file_time_type built = fs::last_write_time(library.path, error);
    if (error)
        return;
    std::set<std::string> newer;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(settings.root / library.note.source, error)) {
        const std::string extension = entry.path().extension();
        const bool is_source = extension == ".cpp" || extension.starts_with(".h");
        std::error_code gone;
        if (is_source && entry.last_write_time(gone) > built && !gone)
            newer.insert(library.note.source + "/" + entry.path().filename().string());
    }
    if (!newer.empty())
        invocation.sink.warn(fmt::format("{} {} newer than {}, which may declare something else: build it",
                                         fmt::join(newer, ", "), newer.size() == 1 ? "is" : "are",
                                         fs::proximate(library.path).string()));
}

} // namespace

declared::Schema declared_schema(Invocation& invocation) {
    const std::string path = invocation.settings.schema_library.string();
    const plugin::SchemaLibrary library = plugin::read_schema_library(path);
    warn_of_newer_sources(invocation, library);
    LibrarySafety safety(invocation);
    safety.refuse_exposed(library);
    safety.refuse_search_path_of_environment(false);
    const auto host = worker::separate_process([&](std::string_view line) { invocation.sink.error(line); });
    declared::Listener listener;
    try {
        const worker::Ending ending = host->describe(library, listener);
        if (ending.kind == worker::Ending::Kind::threw)
            throw thrown(ending, listener);
    } catch (const worker::WorkerDied& death) {
        throw died(path, death, listener);
    }
    return declared::read(listener.said());
}

} // namespace dibs::cli
