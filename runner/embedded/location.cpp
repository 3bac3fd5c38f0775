#include "embedded/location.hpp"

#include "report/failure.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace dibs::embedded {
namespace {

namespace fs = std::filesystem;
using process::Account;
using report::ExitCode;
using report::Failure;

std::string hash_of(const fs::path& path) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    EVP_Digest(path.c_str(), path.native().size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string result;
    for (std::size_t i = 0; i < 8; ++i) {
        result += fmt::format("{:02x}", digest[i]);
    }
    return result;
}

Account unprivileged() {
    for (const char* name : {"postgres", "nobody"}) {
        if (const passwd* entry = ::getpwnam(name)) {
            return {.user = entry->pw_uid, .group = entry->pw_gid};
        }
    }
    throw Failure(ExitCode::unreachable,
                  "PostgreSQL does not run as root, and there is neither an account postgres nor nobody.",
                  "Run dibs from another account, or create one: useradd --system postgres.");
}

/// nullopt: this process's own account will do.
std::optional<Account> account_for(const fs::path& cluster) {
    struct stat status {};
    const bool exists = ::stat(cluster.c_str(), &status) == 0;
    if (::geteuid() != 0) {
        if (exists && status.st_uid != ::geteuid()) {
            throw Failure(ExitCode::unreachable,
                          fmt::format("The embedded cluster {} belongs to another account (user id {}).",
                                      cluster.native(), status.st_uid),
                          "Run dibs from that account, or as root.");
        }
        return std::nullopt;
    }
    if (exists && status.st_uid == 0) {
        if (!fs::exists(cluster / "PG_VERSION")) {
            return unprivileged(); // no cluster: an empty folder, or somebody's files
        }
        throw Failure(
            ExitCode::unreachable,
            fmt::format("The embedded cluster {} belongs to root, and PostgreSQL does not run as root.",
                        cluster.native()),
            fmt::format("Give it to an account of its own: chown -R postgres: {}", cluster.native()));
    }
    return exists ? Account{.user = status.st_uid, .group = status.st_gid} : unprivileged();
}

/// By trying: no reading of permission bits knows access control lists and mounts.
bool can_enter(const fs::path& directory, const Account& account) {
    fs::path existing = directory;
    while (!fs::exists(existing)) {
        existing = existing.parent_path();
    }
    try {
        return process::run({.argv = {"/bin/true"}, .directory = existing, .account = account}).exit.ok();
    } catch (const process::SpawnError& error) {
        if (error.step() == process::SpawnError::Step::directory && error.error() == EACCES) {
            return false;
        }
        throw;
    }
}

} // namespace

fs::path short_socket_directory(const fs::path& directory, uid_t user) {
    return fmt::format("/tmp/dibs-{}-{}", user, hash_of(directory));
}

fs::path socket_directory(const fs::path& directory, uid_t user) {
    constexpr std::size_t longest_address = 107;
    const fs::path wanted = directory / "socket";
    const bool fits = (wanted / ".s.PGSQL.5432").native().size() <= longest_address;
    // libpq splits `host` at commas, and has no way to escape one.
    const bool plain = std::ranges::none_of(
        wanted.native(), [](char c) { return c == ',' || static_cast<unsigned char>(c) < ' ' || c == 127; });
    return fits && plain ? wanted : short_socket_directory(directory, user);
}

Location locate(const fs::path& given) {
    const fs::path directory = fs::weakly_canonical(fs::absolute(given));
    Location result{.directory = directory, .cluster = directory / "postgres", .sockets = {}, .account = {}};
    const bool elsewhere = fs::is_symlink(result.entry());
    if (elsewhere) {
        result.cluster = fs::weakly_canonical(directory / fs::read_symlink(result.entry()));
    }
    result.account = account_for(result.cluster);
    const uid_t user = result.account ? result.account->user : ::geteuid();
    if (elsewhere) {
        result.sockets = short_socket_directory(directory, user);
    } else if (result.account && !fs::exists(result.cluster) && !can_enter(directory, *result.account)) {
        result.cluster = "/var/lib/dibs/" + hash_of(directory);
        result.account = account_for(result.cluster);
        result.sockets = short_socket_directory(directory, result.account->user);
    } else {
        result.sockets = socket_directory(directory, user);
    }
    return result;
}

} // namespace dibs::embedded
