#include "plugin/version.hpp"

using dibs::plugin::Version;

namespace {

std::string canonical(std::string_view text) {
    const auto version = Version::parse(text);
    return version ? version->to_string() : "none";
}

} // namespace

TEST_CASE("a file's stem is a version") {
    const auto version = Version::from_stem("m2026_01_24_120000_create_users");
    REQUIRE(version);
    CHECK(version->to_string() == "2026_01_24_120000-create_users");
    CHECK(version->stem() == "m2026_01_24_120000_create_users");
    CHECK(version->name() == "create_users");
    CHECK_FALSE(Version::from_stem("m2026_01_24_120000_create-users")); // which would be the same version
}

TEST_CASE("the spellings of the Rust dibs are the same version") {
    for (const char* text : {"2026_01_24_120000-create_users", "m2026_01_24_120000_create_users",
                             "20260124120000-create_users", "2026_01_24_120000_create_users",
                             "m_2026_01_24_120000_create_users", "20260124120000-create-users"})
        CHECK(canonical(text) == "2026_01_24_120000-create_users");
}

TEST_CASE("text that is no version is none") {
    for (const char* text : {"", "m", "create_users", "2026_01_24_120000", "2026_01_24_120000-",
                             "2026_01_24-create_users", "2026_01_24_120000 create", "2026_01_24_120000-ü",
                             "x2026_01_24_120000-a", "2026_1_24_120000-a", "202601241200001-a"})
        CHECK(canonical(text) == "none");
}

TEST_CASE("a moment that does not exist is no version, though the file resembles one") {
    for (const char* stem : {"m2026_02_29_120000_a", "m2026_13_01_000000_a", "m2026_01_01_240000_a",
                             "m2026_01_01_126000_a", "m2023_03_22_519590_a", "m2026_00_10_000000_a"}) {
        CHECK_FALSE(Version::from_stem(stem));
        CHECK(dibs::plugin::resembles_migration(stem));
    }
    CHECK(Version::from_stem("m2024_02_29_235959_leap"));
    CHECK_FALSE(dibs::plugin::resembles_migration("libhelper"));
}

TEST_CASE("versions are ordered by their moment and then by their name") {
    const auto at = [](const char* stem) { return *Version::from_stem(stem); };
    CHECK(at("m2026_01_01_000000_z") < at("m2026_01_01_000001_a"));
    CHECK(at("m2026_01_01_000000_a") < at("m2026_01_01_000000_b"));
    CHECK(at("m1999_12_31_235959_a") < at("m2000_01_01_000000_a"));
    CHECK(*Version::parse("20260101000000-a") == at("m2026_01_01_000000_a"));
}

TEST_CASE("names have a length") {
    CHECK(dibs::plugin::valid_name(std::string(200, 'a')));
    CHECK_FALSE(dibs::plugin::valid_name(std::string(201, 'a')));
    CHECK_THROWS_AS(Version({}, "with space"), std::invalid_argument);
}
