#pragma once

#include "embedded/cluster.hpp"
#include "embedded/connection_string.hpp"

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dibs::embedded {

struct Options {
    std::filesystem::path directory = {};               ///< <project>/.dibs; created when the server starts
    Settings settings = {};                             ///< as in postgresql.conf; taken up at the next start
    std::optional<std::filesystem::path> binaries = {}; ///< where initdb is, if it is not to be looked for
    std::chrono::milliseconds patience = std::chrono::minutes(2); ///< for another process, and for recovery
};

struct Status {
    enum class State { absent, stopped, starting, running, stopping };

    State state = State::absent;
    std::filesystem::path cluster;
    std::filesystem::path log;
    std::optional<int> major; ///< of the cluster
    std::optional<pid_t> pid; ///< of the postmaster
    Endpoint endpoint;        ///< where it listens, or will
};

/// A private PostgreSQL server for one directory, reached by a Unix socket that only its account and root can
/// enter. The server outlives this object and this process. All functions may be called from several
/// processes at once; one object is for one thread. They throw report::Failure.
class Server {
  public:
    explicit Server(Options options);

    /// Makes the cluster and starts the server where that is needed. Where it is not: no process, no lock, no
    /// waiting.
    Endpoint ensure_running();
    /// Ends all sessions and writes everything to disk. False: it was not running.
    bool stop();
    /// Stops the server and deletes the cluster with all its data. Asking first is the caller's part.
    void reset();
    /// Changes nothing.
    [[nodiscard]] Status status() const;

    /// Known before the server runs.
    [[nodiscard]] std::string conninfo(std::string_view database = default_database) const;
    [[nodiscard]] std::string url(std::string_view database = default_database) const;

    /// Where the programs of the cluster's version are; psql is among them where the client is installed.
    [[nodiscard]] Binaries binaries() const;

  private:
    Options options_;
};

} // namespace dibs::embedded
