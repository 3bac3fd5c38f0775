#include "cli/scratch_copy.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "cli/project.hpp"
#include "embedded/binaries.hpp"
#include "process/child.hpp"
#include "scratch/copy.hpp"
#include "scratch/settle.hpp"

namespace dibs::cli {
namespace {

using database::Connection;
using report::ExitCode;
using report::Failure;

std::string pg_dump_of(int major) {
    try {
        return embedded::find_binaries(std::nullopt, major).program("pg_dump");
    } catch (const Failure&) { // a client alone may be installed
        if (const auto found = process::find_program("pg_dump"))
            return found->string();
    }
    throw Failure(ExitCode::other, "there is no pg_dump, which copies a schema to try a plan on it",
                  fmt::format("Install it (Debian and Ubuntu: apt install postgresql-client-{}).", major));
}

} // namespace

scratch::Server scratch_server(Invocation& invocation, int major) {
    const config::Settings& settings = invocation.settings;
    if (settings.scratch_url)
        return scratch::Server(connect_to(invocation, *settings.scratch_url, "scratch.url"));
    if (const auto* embedded = std::get_if<config::Embedded>(&settings.database)) {
        embedded::Server server = server_of(*embedded); // not the target's, which may be another one
        server.ensure_running();
        return scratch::Server(Connection(server.conninfo(), "dibs scratch"));
    }
    embedded::Options options;
    options.directory = scratch_directory(settings, major);
    options.settings = {{"fsync", "off"}, {"full_page_writes", "off"}}; // nothing there is to last
    try {
        options.binaries = embedded::find_binaries(std::nullopt, major).directory;
    } catch (const Failure& failure) {
        throw Failure(
            ExitCode::other,
            fmt::format("PostgreSQL {} is needed here to try the schema out: {}", major, failure.what()),
            failure.hint() + " " + other_scratch_server);
    }
    embedded::Server server(options);
    if (server.status().state != embedded::Status::State::running)
        say_beside_result(invocation, "Starting a PostgreSQL server to try the schema out ...");
    invocation.sink.flush();
    server.ensure_running();
    return scratch::Server(Connection(server.conninfo(), "dibs scratch"));
}

std::string copy_schema(const Connection& of, scratch::Server& server, const std::set<schema::Key>& without) {
    const std::string dump = scratch::dump_schema(of, pg_dump_of(server.major()), without);
    std::string name = server.make();
    Connection connection = server.connect(name);
    if (const auto refused = server.load(connection, dump))
        throw Failure(ExitCode::other,
                      fmt::format("the schema of {} cannot be copied to {}: {}", of.describe(),
                                  server.describe(), refused->message),
                      std::string("What it needs must be there as well, extensions and collations. ") +
                          other_scratch_server);
    return name;
}

void settle_on_copy(Invocation& invocation, Connection& to, Comparison& comparison) {
    try {
        scratch::Server server = scratch_server(invocation, to.server_version() / 10000);
        Connection copy = server.connect(copy_schema(to, server, scratch::locked_away(to)));
        scratch::settle(copy, comparison.current, comparison.wanted);
    } catch (const std::runtime_error& error) {
        invocation.sink.warn(fmt::format("where two definitions differ in casts and parentheses alone, they "
                                         "may mean the same, and PostgreSQL could not be asked: {}",
                                         error.what()));
    }
}

} // namespace dibs::cli
