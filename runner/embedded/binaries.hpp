#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::embedded {

/// A place with the server's programs: initdb, pg_ctl, postgres.
struct Binaries {
    std::filesystem::path directory;
    std::string version; ///< as in "15.7"
    int major = 0;

    [[nodiscard]] std::string program(std::string_view name) const { return (directory / name).native(); }
};

/// Where to look, most wanted first: this place alone if one is given; else /usr/lib/postgresql/<wanted>/bin
/// (Debian), pg_config --bindir, the other Debian places from the newest on, PATH.
std::vector<std::filesystem::path> places(const std::optional<std::filesystem::path>& given,
                                          std::optional<int> wanted_major);

/// The first of these places with programs of the wanted major version; throws a Failure that says what to
/// install.
Binaries find_binaries(const std::vector<std::filesystem::path>& places, std::optional<int> wanted_major);

/// "postgres (PostgreSQL) 15.7 (Debian 15.7-0)" -> "15.7"; also "17beta1".
std::string version_in(std::string_view output);
/// 15 of "15.7"; 0 of what is no version.
int major_of(std::string_view version);

} // namespace dibs::embedded
