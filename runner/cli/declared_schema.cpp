#include "cli/declared_schema.hpp"

#include <fmt/format.h>

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

} // namespace

declared::Schema declared_schema(Invocation& invocation) {
    const std::string path = invocation.settings.schema_library.string();
    const plugin::SchemaLibrary library = plugin::read_schema_library(path);
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
