#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace dibs::embedded {

inline constexpr std::string_view superuser = "dibs";
inline constexpr std::string_view default_database = "dibs";

/// Where a server listens. The file name of its socket is fixed by PostgreSQL: .s.PGSQL.<port>.
struct Endpoint {
    std::filesystem::path socket_directory;
    int port = 5432;

    [[nodiscard]] std::filesystem::path socket() const;
    /// libpq's key=value form.
    [[nodiscard]] std::string conninfo(std::string_view database = default_database) const;
    /// postgresql://dibs@%2Fsocket%2Fdirectory:5432/database
    [[nodiscard]] std::string url(std::string_view database = default_database) const;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

} // namespace dibs::embedded
