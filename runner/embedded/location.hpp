#pragma once

#include "process/child.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

namespace dibs::embedded {

/// Where the parts of one embedded server are, all absolute and canonical.
struct Location {
    std::filesystem::path directory; ///< <project>/.dibs
    std::filesystem::path cluster;   ///< the data directory itself, never a symlink
    std::filesystem::path sockets;
    std::optional<process::Account>
        account; ///< whom the server runs as, unless it is this process's own account

    /// <directory>/postgres: the cluster, or a symlink to it.
    [[nodiscard]] std::filesystem::path entry() const { return directory / "postgres"; }
    [[nodiscard]] std::filesystem::path log() const { return directory / "postgres.log"; }
    [[nodiscard]] std::filesystem::path lock() const { return directory / "postgres.lock"; }
};

/// PostgreSQL refuses to run as root, so root needs another account: the owner of the cluster if there is
/// one, else postgres, else nobody. Where that account cannot reach the directory, the cluster is in
/// /var/lib/dibs. Creates nothing. Throws a Failure for a cluster that this account may not use.
Location locate(const std::filesystem::path& directory);

/// <directory>/socket, or /tmp/dibs-<user>-<hash> where that is too long for a socket's address (107 bytes,
/// unix(7)) or has characters that libpq's `host` cannot carry.
std::filesystem::path socket_directory(const std::filesystem::path& directory, uid_t user);
std::filesystem::path short_socket_directory(const std::filesystem::path& directory, uid_t user);

} // namespace dibs::embedded
