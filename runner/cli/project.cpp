#include "cli/project.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <tuple>
#include <variant>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "database/waiting.hpp"
#include "history/pooler.hpp"
#include "history/session.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

constexpr int oldest_server = 130000; // pg_current_xact_id() came with 13

plugin::Listing list_libraries(const Invocation& invocation, bool needed) {
    const std::filesystem::path& folder = invocation.settings.libraries;
    std::error_code error; // a folder that cannot be reached is there, for all one knows
    if (!needed && !invocation.arguments.has("dir") &&
        std::filesystem::status(folder, error).type() == std::filesystem::file_type::not_found)
        return {}; // nothing is built yet
    return plugin::list_migrations(folder, ".so");
}

std::optional<std::vector<plugin::NamedFile>> list_sources(const Invocation& invocation) {
    const std::filesystem::path& folder = invocation.settings.source;
    std::error_code error;
    if (std::filesystem::status(folder, error).type() == std::filesystem::file_type::not_found) {
        invocation.sink.detail(
            fmt::format("There is no folder {}: sources are not compared.", folder.string()));
        return std::nullopt;
    }
    return plugin::list_migrations(folder, ".cpp").files;
}

} // namespace

Files::Files(const Invocation& invocation, bool needed)
    : listing_(list_libraries(invocation, needed)), sources_(list_sources(invocation)) {
    for (const std::filesystem::path& path : listing_.ignored)
        invocation.sink.detail(fmt::format("Ignored: {} is not named like a migration.", path.string()));
    libraries_ = std::async(std::launch::async, [this] { return plugin::read_libraries(listing_.files); });
}

embedded::Server server_of(const config::Embedded& embedded) {
    return embedded::Server({.directory = embedded.directory.parent_path()});
}

namespace {

constexpr std::string_view scratch_prefix = "scratch-";

} // namespace

std::filesystem::path scratch_directory(const config::Settings& settings, int major) {
    return settings.root / ".dibs" / fmt::format("{}{}", scratch_prefix, major);
}

std::vector<std::filesystem::path> scratch_directories(const config::Settings& settings) {
    std::vector<std::filesystem::path> found;
    std::error_code error; // there are none, then
    for (const auto& entry : std::filesystem::directory_iterator(settings.root / ".dibs", error))
        if (entry.path().filename().string().starts_with(scratch_prefix))
            found.push_back(entry.path());
    return found;
}

void forget_other_servers() {
    for (const char* const name :
         {"PGHOSTADDR", "PGSERVICE", "PGREQUIREPEER", "PGTARGETSESSIONATTRS", "PGSSLMODE", "PGREQUIRESSL",
          "PGCHANNELBINDING", "PGGSSENCMODE", "PGCONNECT_TIMEOUT"})
        unsetenv(name);
}

void say_beside_result(Invocation& invocation, std::string_view text) {
    report::Sink& sink = invocation.sink;
    if (!invocation.arguments.has("sql"))
        sink.say(text);
    else if (!sink.verbosity().quiet)
        sink.error(text);
}

database::Connection connect(Invocation& invocation) {
    std::string conninfo;
    const config::Database& database = config::required_database(invocation.settings);
    if (std::holds_alternative<config::Embedded>(database)) {
        const auto& embedded = std::get<config::Embedded>(database);
        embedded::Server server = server_of(embedded);
        if (server.status().state != embedded::Status::State::running)
            say_beside_result(invocation, "Starting the embedded PostgreSQL server ...");
        invocation.sink.flush();
        server.ensure_running();
        conninfo = server.conninfo();
        forget_other_servers();
        if (!invocation.sink.verbosity().quiet)
            invocation.sink.error(fmt::format("Using the embedded development database in {}",
                                              std::filesystem::proximate(embedded.directory).string()));
    } else {
        conninfo = std::get<config::Conninfo>(database).text;
    }
    return connect_to(invocation, conninfo);
}

database::Connection connect_to(Invocation& invocation, const std::string& conninfo) {
    invocation.sink.redactor().know_those_in(conninfo);
    const std::chrono::milliseconds limit = invocation.settings.connect_wait;
    database::Connection connection =
        database::connect_within(limit, conninfo, "dibs", [&](std::string_view reason) {
            if (!invocation.sink.verbosity().quiet)
                invocation.sink.error(fmt::format("{}\nWaiting for the server, up to {} s ...",
                                                  report::harmless(reason),
                                                  std::chrono::ceil<std::chrono::seconds>(limit).count()));
        });
    for (const std::string& password : connection.passwords())
        invocation.sink.redactor().know(password);
    if (connection.server_version() < oldest_server)
        throw report::Failure(report::ExitCode::other,
                              fmt::format("the server is PostgreSQL {}.{}, and dibs needs 13 or later",
                                          connection.server_version() / 10000,
                                          connection.server_version() % 10000),
                              "Upgrade the server. Nothing was changed.");
    return connection;
}

database::Connection connect_to(Invocation& invocation, const std::string& conninfo,
                                std::string_view said_by) {
    try {
        return connect_to(invocation, conninfo);
    } catch (const report::Failure& failure) {
        if (failure.code() != report::ExitCode::unreachable)
            throw;
        throw report::Failure(failure.code(), fmt::format("{}: {}", said_by, failure.what()),
                              fmt::format("Check {}, and that the server is running and lets you in. Nothing "
                                          "was changed.",
                                          said_by));
    }
}

history::Location history_location(const config::Settings& settings) {
    history::Location location{.schema = settings.history_schema};
    if (settings.history_table)
        location.table = *settings.history_table;
    return location;
}

Look look(database::Connection& connection, const config::Settings& settings) {
    const history::Location location = history_location(settings);
    history::Facts facts = history::look(connection, location);
    history::History history(connection, location, facts);
    return {std::move(facts), std::move(history)};
}

void check_libraries(const std::vector<const migration::Entry*>& entries) {
    std::string unbuilt;
    for (const migration::Entry* const entry : entries) {
        if (!entry->library || entry->stale) {
            unbuilt +=
                fmt::format("\n  {} is {}", entry->label(),
                            name_of(entry->library ? migration::State::stale : migration::State::not_built));
            continue;
        }
        if (const auto refusal = plugin::refusal(entry->library->note))
            throw report::Failure(
                report::ExitCode::other,
                fmt::format("{} cannot be loaded: {}", entry->library->path, refusal->reason),
                refusal->hint + " Nothing was changed.");
    }
    if (!unbuilt.empty())
        throw report::Failure(report::ExitCode::other, "the libraries are not up to date:" + unbuilt,
                              "Build them (cmake --build build) and run dibs again. Nothing was changed.");
}

void refuse_standby(const history::Facts& facts) {
    if (facts.standby)
        throw report::Failure(
            report::ExitCode::other, "this server is a standby: it can be read only",
            "Connect to the primary (several hosts: target_session_attrs=read-write). Nothing was changed.");
}

std::string run_name() {
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    return fmt::format("{}-{}", now.count(), getpid());
}

history::Lock lock_history(database::Connection& connection, const Look& seen,
                           std::chrono::milliseconds patience,
                           const std::function<void(const history::Holder&)>& waiting) {
    history::refuse_transaction_pooling(connection, seen.facts);
    std::ignore =
        connection
            .script(fmt::format("{}", fmt::join(history::session_settings(connection.server_version(),
                                                                          std::chrono::milliseconds(0)),
                                                "; ")))
            .or_throw();
    return history::Lock(connection, seen.history.lock_name(connection), patience, waiting);
}

} // namespace dibs::cli
