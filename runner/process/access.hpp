#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace dibs::process {

/// Whose a file is, and who may write it.
struct Rights {
    uid_t owner = 0;
    gid_t group = 0;
    mode_t mode = 0; ///< with the kind of file, as stat(2) gives it

    bool operator==(const Rights&) const = default;
};

/// Where another account than this one and root can put something else into a file, or in its place.
struct Exposure {
    std::string path; ///< the file, or a folder or link on the way to it
    std::string why;  ///< "can be written by everyone"
    std::string cure; ///< "take that right away (chmod o-w /tmp/x)"
};

/// Looks for exposures, by the rule that ssh has for its keys: the file and all on the way to it belong to
/// this account (the effective one) or to root, and nobody else can write them. A group is its owner's alone
/// when it has his name and no other members, as Debian and Fedora make one for each account. On the way, not
/// at its end, a folder with the sticky bit may be everyone's, as /tmp is: what is another's cannot be
/// replaced there.
class AccessCheck {
  public:
    /// The way from / to an absolute path, through links, and what is there.
    /// @return the first exposure; nothing when the way is safe, or leads nowhere
    std::optional<Exposure> way_to(const std::filesystem::path& path);

    /// A file alone, in a folder that is known to be safe.
    std::optional<Exposure> file(const std::string& path, const Rights& rights);

  private:
    bool is_private(uid_t owner, gid_t group);

    const uid_t self_ = geteuid();
    std::map<std::pair<uid_t, gid_t>, bool> private_; ///< asking again would cost reading two files
};

} // namespace dibs::process
