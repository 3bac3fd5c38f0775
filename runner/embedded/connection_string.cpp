#include "embedded/connection_string.hpp"

#include <fmt/format.h>

namespace dibs::embedded {
namespace {

std::string conninfo_value(std::string_view value) {
    std::string result = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result + "'";
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    std::string result;
    for (const char c : text) {
        if (plain.find(c) != std::string_view::npos) {
            result += c;
        } else {
            result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return result;
}

} // namespace

std::filesystem::path Endpoint::socket() const {
    return socket_directory / fmt::format(".s.PGSQL.{}", port);
}

std::string Endpoint::conninfo(std::string_view database) const {
    return fmt::format("host={} port={} user={} dbname={}", conninfo_value(socket_directory.native()), port,
                       superuser, conninfo_value(database));
}

std::string Endpoint::url(std::string_view database) const {
    return fmt::format("postgresql://{}@{}:{}/{}", superuser, percent_encoded(socket_directory.native()),
                       port, percent_encoded(database));
}

} // namespace dibs::embedded
