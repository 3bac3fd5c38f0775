#pragma once

#include "embedded/connection_string.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::embedded {

/// What a server writes into postmaster.pid (miscadmin.h, LOCK_FILE_LINE_*; the state since PostgreSQL 10).
struct PidFile {
    pid_t pid = 0;
    std::filesystem::path data_directory;
    Endpoint endpoint;
    std::string state; ///< "starting", "stopping", "ready" or "standby"; empty until the server gets that far

    [[nodiscard]] bool ready() const { return state == "ready" || state == "standby"; }
};

std::optional<PidFile> parse_pid_file(std::string_view text);
std::optional<PidFile> read_pid_file(const std::filesystem::path& cluster);

/// Whether this process is a server that works in this directory, and not one that got the number of a dead
/// one. A server's working directory is its data directory (ChangeToDataDir in postmaster.c).
bool is_postmaster(pid_t pid, const std::filesystem::path& cluster);

/// The processes of any server whose working directory is, or was before it was deleted, this one.
struct ServerProcess {
    pid_t pid;
    bool directory_deleted;
};
std::vector<ServerProcess> server_processes(const std::filesystem::path& cluster);

/// Whether anything accepts connections there.
bool accepts_connections(const std::filesystem::path& socket);

/// Lets a server start over a pid file whose number another process has now. The file stays, with a number
/// that no process can have: its line on shared memory still keeps a server from starting beside orphans of
/// the dead one.
void disown_pid_file(const std::filesystem::path& cluster);

} // namespace dibs::embedded
