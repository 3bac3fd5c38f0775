#include "process/access.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

namespace dibs::process {
namespace {

namespace fs = std::filesystem;

// The functions below that return a pointer into static memory are called by one thread.

std::string account_name(uid_t user) {
    const passwd* const entry = getpwuid(user); // NOLINT(concurrency-mt-unsafe)
    return entry == nullptr ? fmt::format("user id {}", user)
                            : fmt::format("{}, user id {}", entry->pw_name, user);
}

std::string group_name(gid_t group) {
    const struct group* const entry = getgrgid(group); // NOLINT(concurrency-mt-unsafe)
    return entry == nullptr ? fmt::format("with id {}", group) : entry->gr_name;
}

/// With an access control list the group's bits are those of all whom it names (acl(5)).
bool has_list(const std::string& path) {
    return getxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) > 0;
}

/// The components of a path before those that are still ahead, the next one last.
void put_ahead(std::vector<std::string>& ahead, const fs::path& path) {
    std::vector<std::string> parts;
    for (const fs::path& part : path.relative_path())
        if (!part.empty() && part != ".")
            parts.push_back(part);
    ahead.insert(ahead.end(), parts.rbegin(), parts.rend());
}

} // namespace

bool AccessCheck::is_private(uid_t owner, gid_t group) {
    const auto [known, is_new] = private_.try_emplace({owner, group}, false);
    if (!is_new)
        return known->second;
    const passwd* const account = getpwuid(owner); // NOLINT(concurrency-mt-unsafe)
    if (account == nullptr || account->pw_gid != group)
        return false;
    const std::string name = account->pw_name;
    const struct group* const entry = getgrgid(group); // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr || entry->gr_name != name)
        return false;
    for (char** member = entry->gr_mem; *member != nullptr; ++member)
        if (*member != name)
            return false;
    return known->second = true;
}

std::optional<Exposure> AccessCheck::file(const std::string& path, const Rights& rights) {
    if (rights.owner != self_ && rights.owner != 0)
        return Exposure{path, fmt::format("belongs to another account ({})", account_name(rights.owner)),
                        "give it to your account (chown)"};
    if (S_ISLNK(rights.mode)) // whose own rights say nothing
        return std::nullopt;
    if ((rights.mode & S_IWOTH) != 0)
        return Exposure{path, "can be written by everyone",
                        fmt::format("take that right away (chmod o-w {})", path)};
    if ((rights.mode & S_IWGRP) != 0 && (!is_private(rights.owner, rights.group) || has_list(path)))
        return Exposure{path, fmt::format("can be written by the group {}", group_name(rights.group)),
                        fmt::format("take that right away (chmod g-w {})", path)};
    return std::nullopt;
}

std::optional<Exposure> AccessCheck::way_to(const fs::path& path) {
    constexpr int most_links = 40; // path_resolution(7)
    std::vector<std::string> ahead;
    put_ahead(ahead, path);
    fs::path at = "/";
    bool anybody_may_add = false; // to the folder that was looked at last
    for (int links = 0; links <= most_links;) {
        struct stat status {};
        if (lstat(at.c_str(), &status) != 0) {
            if (errno == ENOENT && anybody_may_add)
                return Exposure{at, "is not there, and everyone can make it",
                                "make it yourself, or do without it"};
            return std::nullopt;
        }
        Rights rights{status.st_uid, status.st_gid, status.st_mode};
        if (S_ISLNK(rights.mode)) {
            if (auto exposure = file(at, rights))
                return exposure;
            std::error_code error;
            const fs::path target = fs::read_symlink(at, error);
            if (error)
                return std::nullopt;
            put_ahead(ahead, target);
            anybody_may_add = anybody_may_add && target.is_relative();
            at = target.is_absolute() ? "/" : at.parent_path();
            ++links;
        } else {
            anybody_may_add = S_ISDIR(rights.mode) && (rights.mode & S_ISVTX) != 0 &&
                              (rights.mode & (S_IWGRP | S_IWOTH)) != 0;
            if (anybody_may_add && !ahead.empty())
                rights.mode &= ~static_cast<mode_t>(S_IWGRP | S_IWOTH);
            if (auto exposure = file(at, rights))
                return exposure;
        }
        if (ahead.empty())
            return std::nullopt;
        at = ahead.back() == ".." ? at.parent_path() : at / ahead.back();
        ahead.pop_back();
    }
    return std::nullopt; // links in a circle
}

} // namespace dibs::process
