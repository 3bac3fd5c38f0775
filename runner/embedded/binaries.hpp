#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dibs::embedded {

/// A place with the server's programs: initdb, pg_ctl, postgres.
struct Binaries {
    std::filesystem::path directory;
    std::string version; ///< as in "15.7"
    int major = 0;

    [[nodiscard]] std::string program(std::string_view name) const { return (directory / name).native(); }
};

/// Programs of this major version (of any, for a new cluster): in the given place alone, if there is one;
/// else in Debian's place for the version, where pg_config --bindir says, in Debian's places from the newest
/// on, in PATH. Throws a Failure that says what to install.
Binaries find_binaries(const std::optional<std::filesystem::path>& given, std::optional<int> wanted_major);

/// "postgres (PostgreSQL) 15.7 (Debian 15.7-0)" -> "15.7"; also "17beta1".
std::string version_in(std::string_view output);
/// 15 of "15.7"; 0 of what is no version.
int major_of(std::string_view version);

} // namespace dibs::embedded
