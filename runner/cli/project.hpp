#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <vector>

#include "cli/command.hpp"
#include "database/connection.hpp"
#include "embedded/server.hpp"
#include "history/history.hpp"
#include "history/lock.hpp"
#include "migration/plan.hpp"
#include "plugin/directory.hpp"
#include "plugin/safety.hpp"

namespace dibs::cli {

/// What lies on disk: the libraries, read while the connection is made, and the sources.
class Files {
  public:
    /// @param needed a folder of libraries that is not there is an error, not an empty one
    Files(const Invocation& invocation, bool needed);

    [[nodiscard]] bool empty() const { return listing_.files.empty(); }
    [[nodiscard]] const std::optional<std::vector<plugin::NamedFile>>& sources() const { return sources_; }
    [[nodiscard]] const std::vector<plugin::NamedFile>& listed() const { return listing_.files; }
    /// The libraries, once. @throws report::Failure for one that cannot be read
    std::vector<plugin::Library> libraries() { return libraries_.get(); }

  private:
    plugin::Listing listing_;
    std::optional<std::vector<plugin::NamedFile>> sources_;
    std::future<std::vector<plugin::Library>> libraries_;
};

/// The development server of a project that is configured for it.
embedded::Server server_of(const config::Embedded& embedded);

/// Where the private server is on which schemas of this major version are tried out, and where there are
/// some.
std::filesystem::path scratch_directory(const config::Settings& settings, int major);
std::vector<std::filesystem::path> scratch_directories(const config::Settings& settings);

/// Removes those of the caller's variables that would lead libpq away from the embedded server, although it
/// is told host, port, user and database, or would demand of it what it has not: those of another server.
void forget_other_servers();

/// Connects to the configured database; starts the embedded server where that is configured, and says so.
/// @throws report::Failure (unreachable, usage)
database::Connection connect(Invocation& invocation);

/// Connects to what a connection string says. @throws report::Failure (unreachable, usage)
database::Connection connect_to(Invocation& invocation, const std::string& conninfo);
/// @param said_by what gave the URL, for the error: "--to"
database::Connection connect_to(Invocation& invocation, const std::string& conninfo,
                                std::string_view said_by);

history::Location history_location(const config::Settings& settings);

/// The history as it is now, and the plan that follows from it.
struct Look {
    history::Facts facts;
    history::History history;
};
Look look(database::Connection& connection, const config::Settings& settings);

/// A line for people; not on standard output where that is SQL, for psql to read.
void say_beside_result(Invocation& invocation, std::string_view text);

/// Everything that can be known without SQL and would stop a run of these half-way.
/// @throws report::Failure for those that are not built or stale, or that dibs may not load
void check_libraries(const std::vector<const migration::Entry*>& entries);

/// @throws report::Failure for a standby
void refuse_standby(const history::Facts& facts);

/// What the attempts of one run have in common; unlike that of any other run.
std::string run_name();

/// Brings the session into the state that dibs wants, and takes the lock; what is decided from the history is
/// to be decided again then.
/// @param waiting called once, when it must wait
/// @throws report::Failure: a pooler that shares sessions, another run that does not end within `patience`
history::Lock lock_history(database::Connection& connection, const Look& seen,
                           std::chrono::milliseconds patience,
                           const std::function<void(const history::Holder&)>& waiting);

/// How far a backfill is, for people.
std::vector<std::string> backfill_lines(const history::Backfill& backfill);

} // namespace dibs::cli
