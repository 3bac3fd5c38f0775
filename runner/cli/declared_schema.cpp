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

/// "users.cpp:12: ..." where it is known.
Failure thrown(const worker::Ending& ending, const declared::Listener& listener) {
    const worker::CallFailure& failure = ending.failure;
    const std::string body = listener.unfinished();
    const std::string within = body.empty() ? "" : " in " + body;
    if (failure.file.empty() || failure.line == 0)
        return {ExitCode::other,
                fmt::format("the schema threw {}{}: {}", ending.exception_type, within, failure.message),
                failure.hint};
    return {ExitCode::other,
            fmt::format("{}:{}: {}{}", failure.file, failure.line, failure.message,
                        body.empty() ? "" : fmt::format(" ({})", body)),
            failure.hint};
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
        const std::string body = listener.unfinished();
        throw Failure(ExitCode::other,
                      fmt::format("{}: {}{}", path, death.what(),
                                  body.empty() ? " while it was loaded" : " in " + body),
                      body.empty() ? "A static constructor of it, or of a library it links, does this." : "");
    }
    return declared::read(listener.said());
}

} // namespace dibs::cli
