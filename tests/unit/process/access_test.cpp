#include "process/access.hpp"

#include <catch2/catch.hpp>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <vector>

#include "support/temporary_directory.hpp"

using dibs::process::AccessCheck;
using dibs::process::Exposure;
using dibs::process::Rights;
namespace fs = std::filesystem;

namespace {

constexpr uid_t stranger = 12345;

/// <temporary>/a/b/file, which nobody else can write.
class Tree {
  public:
    Tree() {
        fs::create_directories(folder());
        std::ofstream(file()) << "x";
        mode(above(), 0755);
        mode(folder(), 0755);
        mode(file(), 0644);
    }
    [[nodiscard]] fs::path above() const { return temporary_.path() / "a"; }
    [[nodiscard]] fs::path folder() const { return above() / "b"; }
    [[nodiscard]] fs::path file() const { return folder() / "file"; }

    static void mode(const fs::path& path, mode_t mode) { REQUIRE(chmod(path.c_str(), mode) == 0); }
    static void give(const fs::path& path, uid_t owner, gid_t group) {
        REQUIRE(lchown(path.c_str(), owner, group) == 0);
    }

  private:
    dibs::tests::TemporaryDirectory temporary_;
};

/// "<path> <why>", or "safe"
std::string found(const fs::path& path) {
    const std::optional<Exposure> exposure = AccessCheck().way_to(path);
    return exposure ? exposure->path + " " + exposure->why : "safe";
}

} // namespace

TEST_CASE("a file of ours below folders of ours is safe, also below /tmp") {
    const Tree tree;
    CHECK(found(tree.file()) == "safe");
    CHECK(found(tree.folder()) == "safe");
    CHECK(found("/usr/bin/env") == "safe");
}

TEST_CASE("what everyone can write is an exposure, a file as well as a folder anywhere on the way") {
    const Tree tree;
    const auto which = GENERATE(as<std::size_t>(), 0, 1, 2);
    const fs::path open = std::vector{tree.above(), tree.folder(), tree.file()}[which];
    Tree::mode(open, fs::is_directory(open) ? 0777 : 0666);
    CHECK(found(tree.file()) == open.string() + " can be written by everyone");
    CHECK(AccessCheck().way_to(tree.file())->cure ==
          "take that right away (chmod o-w " + open.string() + ")");
}

TEST_CASE("with the sticky bit a folder may be everyone's on the way, but not at its end") {
    const Tree tree;
    Tree::mode(tree.folder(), 01777);
    CHECK(found(tree.file()) == "safe");
    CHECK(found(tree.folder()) == tree.folder().string() + " can be written by everyone");
    CHECK(found(tree.folder() / "later") ==
          (tree.folder() / "later").string() + " is not there, and everyone can make it");
    Tree::mode(tree.folder(), 0755);
    CHECK(found(tree.folder() / "later") == "safe");
}

TEST_CASE("links are followed, and the folders that they stand in and lead through count") {
    const Tree tree;
    const Tree other;
    fs::create_directory(tree.above() / "links");
    const fs::path link = tree.above() / "links" / "link";
    SECTION("absolute") {
        fs::create_symlink(other.folder(), link);
    }
    SECTION("relative") {
        fs::create_symlink("../../" + other.above().parent_path().filename().string() + "/a/b",
                           tree.above() / "next");
        fs::create_symlink("../next", link);
        fs::remove(tree.above() / "next");
        fs::create_symlink("../../" + other.above().parent_path().filename().string() + "/a/../a/b",
                           tree.above() / "next");
    }
    CHECK(found(link / "file") == "safe");
    Tree::mode(other.above(), 0777);
    CHECK(found(link / "file") == other.above().string() + " can be written by everyone");
    Tree::mode(other.above(), 0755);
    Tree::mode(link.parent_path(), 0777);
    CHECK(found(link / "file") == link.parent_path().string() + " can be written by everyone");
}

TEST_CASE("links in a circle lead nowhere") {
    const Tree tree;
    fs::create_symlink("circle", tree.folder() / "circle");
    CHECK(found(tree.folder() / "circle" / "x") == "safe");
}

TEST_CASE("a group counts as its owner only when it has his name and nobody else in it") {
    AccessCheck check;
    const auto why = [&](uid_t owner, gid_t group, mode_t mode) {
        const std::optional<Exposure> exposure = check.file("/nowhere/x", {owner, group, mode});
        return exposure ? exposure->why : "safe";
    };
    const struct group* const roots = getgrgid(0);
    REQUIRE((roots != nullptr && roots->gr_mem[0] == nullptr)); // as Debian has it
    CHECK(why(0, 0, S_IFREG | 0664) == "safe");
    CHECK(why(0, 0, S_IFREG | 0666) == "can be written by everyone");
    CHECK(why(0, 54321, S_IFREG | 0664) == "can be written by the group with id 54321");
    CHECK(why(0, 54321, S_IFREG | 0644) == "safe");
    CHECK(why(0, 100, S_IFDIR | 0775) == "can be written by the group users");
    CHECK(why(stranger, 54321, S_IFREG | 0600) == "belongs to another account (user id 12345)");
    CHECK(why(getpwnam("daemon")->pw_uid, 54321, S_IFREG | 0600) ==
          "belongs to another account (daemon, user id 1)");
}

TEST_CASE("an access control list makes a private group's right that of others") {
    if (geteuid() != 0) // whose group is his alone
        return;
    const Tree tree;
    Tree::mode(tree.file(), 0664);
    CHECK(found(tree.file()) == "safe");
    // acl(5) as the kernel keeps it (linux/posix_acl_xattr.h): u::rw, u:12345:rw, g::r, m::rw, o::r
    struct Entry {
        std::uint16_t tag;
        std::uint16_t rights;
        std::uint32_t id;
    };
    struct {
        std::uint32_t version = 2;
        std::array<Entry, 5> entries{
            {{0x01, 6, ~0U}, {0x02, 6, stranger}, {0x04, 4, ~0U}, {0x10, 6, ~0U}, {0x20, 4, ~0U}}};
    } list;
    if (setxattr(tree.file().c_str(), "system.posix_acl_access", &list, sizeof list, 0) != 0) {
        REQUIRE(errno == ENOTSUP); // nor could anybody else set one here
        return;
    }
    CHECK(found(tree.file()) == tree.file().string() + " can be written by the group root");
}

TEST_CASE("what belongs to neither this account nor root is an exposure") {
    if (geteuid() != 0) // only root can give a file away
        return;
    const Tree tree;
    fs::create_symlink("file", tree.folder() / "link");
    SECTION("a file") {
        Tree::give(tree.file(), stranger, stranger);
    }
    SECTION("a folder on the way") {
        Tree::give(tree.above(), stranger, stranger);
    }
    SECTION("a link") {
        Tree::give(tree.folder() / "link", stranger, stranger);
    }
    CHECK(found(tree.folder() / "link").find(" belongs to another account (user id 12345)") !=
          std::string::npos);
}
