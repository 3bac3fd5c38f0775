#include "embedded/server.hpp"

#include "embedded/postmaster.hpp"
#include "report/failure.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <thread>

namespace dibs::embedded {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using process::FileDescriptor;
using report::ExitCode;
using report::Failure;
using State = Status::State;

/// The endpoint if a server is ready there: by its pid file, that process, and the socket.
std::optional<Endpoint> ready_at(const fs::path& cluster) {
    const std::optional<PidFile> file = read_pid_file(cluster);
    if (file && file->ready() && is_postmaster(file->pid, cluster) &&
        fs::is_socket(file->endpoint.socket())) {
        return file->endpoint;
    }
    return std::nullopt;
}

template <typename Condition>
bool wait_until(Condition condition, std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) {
            return false;
        }
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

template <typename Function>
auto in_terms_of_the_server(const fs::path& directory, Function function) {
    std::error_code ignored;
    const fs::file_type type = fs::symlink_status(directory, ignored).type();
    if (type != fs::file_type::not_found && type != fs::file_type::none &&
        !fs::is_directory(directory, ignored)) {
        throw Failure(ExitCode::unreachable,
                      fmt::format("{} is no folder, so there is no place for the embedded server's data.",
                                  directory.native()),
                      "Move what it is out of the way. Nothing was changed.");
    }
    try {
        return function();
    } catch (const std::system_error& error) { // fs::filesystem_error is one
        throw Failure(
            ExitCode::unreachable,
            fmt::format("The embedded server in {} cannot be used: {}", directory.native(), error.what()),
            "Check the permissions of that path and the space left on its disk.");
    }
}

struct LogFile {
    FileDescriptor fd;
    off_t size_before;
};

LogFile open_log(const fs::path& log) {
    FileDescriptor fd(::open(log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) {
        throw fs::filesystem_error("cannot open", log, {errno, std::generic_category()});
    }
    const off_t size = ::lseek(fd.get(), 0, SEEK_END);
    return {.fd = std::move(fd), .size_before = size};
}

std::string last_lines(const fs::path& log, off_t from, std::size_t count) {
    std::ifstream stream(log);
    stream.seekg(from);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) {
        lines.push_back("  " + line + "\n");
    }
    std::string result;
    for (std::size_t i = lines.size() - std::min(lines.size(), count); i < lines.size(); ++i) {
        result += lines[i];
    }
    return result;
}

Settings with_endpoint(Settings settings, const Endpoint& endpoint) {
    settings.emplace_back("listen_addresses", "");
    settings.emplace_back("port", std::to_string(endpoint.port));
    settings.emplace_back("unix_socket_directories", as_list_element(endpoint.socket_directory.native()));
    settings.emplace_back("logging_collector", "off");
    return settings;
}

/// One operation under the lock.
class Operation {
  public:
    Operation(const Location& location, const Options& options, const Lock& lock)
        : location_(location), options_(options), lock_(lock) {}

    Binaries binaries() const {
        const std::optional<int> major = cluster_version(location_.cluster);
        return find_binaries(options_.binaries, major);
    }

    Endpoint start() {
        remove_leftovers(location_);
        if (const auto endpoint = settle()) {
            return *endpoint;
        }
        await_orphans();
        const Binaries programs = binaries();
        if (!cluster_version(location_.cluster)) {
            create_cluster(location_, programs, lock_);
        }
        prepare_socket_directory(location_);
        remove_traces();
        launch(programs);
        return {.socket_directory = location_.sockets};
    }

    bool stop() {
        const std::optional<PidFile> file = read_pid_file(location_.cluster);
        if (!file || !is_postmaster(file->pid, location_.cluster)) {
            return false;
        }
        // SIGINT is PostgreSQL's fast shutdown: sessions end, a checkpoint is written.
        ::kill(file->pid, SIGINT);
        if (!wait_until([&] { return !is_postmaster(file->pid, location_.cluster); }, options_.patience)) {
            throw Failure(ExitCode::other,
                          fmt::format("The embedded server (process {}) does not stop.", file->pid),
                          fmt::format("See why in {}", location_.log().native()));
        }
        return true;
    }

  private:
    /// Waits while a server is on its way up or down; its endpoint if it is up in the end.
    std::optional<Endpoint> settle() {
        std::optional<PidFile> file;
        const auto settled = [&] {
            file = read_pid_file(location_.cluster);
            return !file || file->ready() || !is_postmaster(file->pid, location_.cluster);
        };
        if (!wait_until(settled, options_.patience)) {
            throw Failure(ExitCode::unreachable,
                          fmt::format("The embedded server (process {}) has been {} for too long.", file->pid,
                                      file->state.empty() ? "starting" : file->state),
                          fmt::format("See why in {}", location_.log().native()));
        }
        if (const auto endpoint = ready_at(location_.cluster)) {
            return endpoint;
        }
        // A server of another container has a process number that says nothing here; its socket does.
        if (file && file->endpoint.socket_directory == location_.sockets &&
            accepts_connections(file->endpoint.socket())) {
            return file->endpoint;
        }
        stop(); // it lost its socket: something cleaned /tmp, or the project was moved
        return std::nullopt;
    }

    /// Backends outlive a killed postmaster until their statement ends; a server whose cluster was deleted
    /// lives up to a minute, and would remove the socket of its successor when it goes.
    void await_orphans() const {
        std::vector<ServerProcess> orphans;
        const auto gone = [&] {
            orphans = server_processes(location_.cluster);
            for (const ServerProcess& orphan : orphans) {
                if (orphan.directory_deleted) {
                    ::kill(orphan.pid, SIGQUIT);
                }
            }
            return orphans.empty();
        };
        if (!wait_until(gone, std::min<std::chrono::milliseconds>(options_.patience, 10s))) {
            std::string pids;
            for (const ServerProcess& orphan : orphans) {
                pids += fmt::format(" {}", orphan.pid);
            }
            throw Failure(ExitCode::unreachable,
                          fmt::format("The embedded server was killed, and processes of it still work in {}.",
                                      location_.cluster.native()),
                          "Wait for them to end, or end them: kill" + pids);
        }
    }

    /// No server of this cluster is alive here, so what one left says nothing any more.
    void remove_traces() const {
        const Endpoint endpoint{.socket_directory = location_.sockets};
        fs::remove(endpoint.socket());
        fs::remove(endpoint.socket().native() + ".lock");
        if (const auto file = read_pid_file(location_.cluster); file && ::kill(file->pid, 0) == 0) {
            disown_pid_file(location_.cluster);
        }
    }

    void launch(const Binaries& programs) const {
        write_settings(location_, with_endpoint(options_.settings, {.socket_directory = location_.sockets}));
        const LogFile log = open_log(location_.log());
        // pg_ctl hands the path of the data directory to a shell in double quotes, so it gets ".": the
        // child's working directory. It passes an interrupt on to the server while it waits for it, so it
        // must not get one.
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(options_.patience).count();
        process::Command command = server_command(location_, location_.cluster,
                                                  {programs.program("pg_ctl"), "start", "--silent", "--wait",
                                                   "--timeout", std::to_string(seconds), "--pgdata", "."});
        command.new_session = true;
        const process::Exit exit =
            process::spawn(command, {.in = -1, .out = log.fd.get(), .err = log.fd.get()}).wait();
        if (!exit.ok() || !ready_at(location_.cluster)) {
            throw Failure(ExitCode::unreachable,
                          fmt::format("The embedded PostgreSQL {} did not start. Its log ends with:\n{}",
                                      programs.version, last_lines(location_.log(), log.size_before, 15)),
                          fmt::format("The whole log: {}", location_.log().native()));
        }
    }

    const Location& location_;
    const Options& options_;
    const Lock& lock_;
};

} // namespace

Server::Server(Options options) : options_(std::move(options)) {}

Endpoint Server::ensure_running() {
    if (const auto endpoint = ready_at(options_.directory / "postgres")) {
        return *endpoint;
    }
    return in_terms_of_the_server(options_.directory, [&] {
        fs::create_directories(options_.directory);
        const Lock lock(options_.directory / "postgres.lock", options_.patience);
        const Location location = locate(options_.directory);
        return Operation(location, options_, lock).start();
    });
}

bool Server::stop() {
    return in_terms_of_the_server(options_.directory, [&] {
        if (!fs::exists(options_.directory)) {
            return false;
        }
        const Lock lock(options_.directory / "postgres.lock", options_.patience);
        const Location location = locate(options_.directory);
        return Operation(location, options_, lock).stop();
    });
}

void Server::reset() {
    in_terms_of_the_server(options_.directory, [&] {
        if (!fs::exists(options_.directory)) {
            return;
        }
        const Lock lock(options_.directory / "postgres.lock", options_.patience);
        const Location location = locate(options_.directory);
        cluster_version(location.cluster); // throws for what is no cluster: it is not ours to remove
        Operation(location, options_, lock).stop();
        remove_leftovers(location);
        remove_cluster(location);
    });
}

Status Server::status() const {
    return in_terms_of_the_server(options_.directory, [&] {
        const Location location = locate(options_.directory);
        Status result{.state = State::stopped,
                      .cluster = location.cluster,
                      .log = location.log(),
                      .major = cluster_version(location.cluster),
                      .pid = {},
                      .endpoint = {.socket_directory = location.sockets}};
        const std::optional<PidFile> file = read_pid_file(location.cluster);
        if (!result.major) {
            result.state = State::absent;
        } else if (file && is_postmaster(file->pid, location.cluster)) {
            result.state = file->ready()               ? State::running
                           : file->state == "stopping" ? State::stopping
                                                       : State::starting;
            result.pid = file->pid;
            if (file->ready()) {
                result.endpoint = file->endpoint;
            }
        }
        return result;
    });
}

std::string Server::conninfo(std::string_view database) const {
    return status().endpoint.conninfo(database);
}

std::string Server::url(std::string_view database) const {
    return status().endpoint.url(database);
}

Binaries Server::binaries() const {
    return in_terms_of_the_server(options_.directory, [&] {
        const std::optional<int> major = cluster_version(locate(options_.directory).cluster);
        return find_binaries(options_.binaries, major);
    });
}

} // namespace dibs::embedded
