#include "plugin/directory.hpp"

#include <sys/stat.h>

#include <fstream>

#include "report/failure.hpp"
#include "support/temporary_directory.hpp"
#include "support/text.hpp"

using dibs::plugin::list_migrations;

TEST_CASE("a link to a library is one, the order is by version, and other files are passed over") {
    const dibs::tests::TemporaryDirectory folder;
    for (const char* const name : {"m2026_01_02_000000_two.so", "real", "notes.so", "README"})
        std::ofstream(folder.path() / name) << "x";
    std::filesystem::create_symlink("real", folder.path() / "m2026_01_01_000000_one.so");
    const dibs::plugin::Listing listing = list_migrations(folder.path(), ".so");
    REQUIRE(listing.files.size() == 2);
    CHECK(listing.files.front().version.name() == "one");
    CHECK(listing.ignored.size() == 1);
}

TEST_CASE("what is named like a migration but is no file is refused, and never opened") {
    const dibs::tests::TemporaryDirectory folder;
    const std::filesystem::path path = folder.path() / "m2026_01_01_000000_one.so";
    const auto refused = [&](const char* reason) {
        try {
            (void)list_migrations(folder.path(), ".so");
            return false;
        } catch (const dibs::report::Failure& failure) {
            return dibs::tests::contains(failure.what(), path.string()) &&
                   dibs::tests::contains(failure.what(), reason);
        }
    };
    SECTION("a pipe") {
        REQUIRE(mkfifo(path.c_str(), 0600) == 0);
        CHECK(refused("it is no file"));
    }
    SECTION("a folder") {
        std::filesystem::create_directory(path);
        CHECK(refused("it is no file"));
    }
    SECTION("a link to nothing") {
        std::filesystem::create_symlink("nowhere", path);
        CHECK(refused("leads nowhere"));
    }
}
