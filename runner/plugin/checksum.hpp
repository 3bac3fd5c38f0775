#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dibs::plugin {

/// The name kept beside each checksum, so that another way of counting can follow one day.
inline constexpr std::string_view checksum_algorithm =
    "sha256-lf"; ///< SHA-256, line endings and BOM normalised

/// SHA-256 in lower-case hex of a source text without its byte order mark and with CR LF as LF, so that an
/// editor or a version control system that changes these does not change the migration.
std::string source_checksum(std::string_view source);

/// The first eight bytes of SHA-256, big-endian, as PostgreSQL's advisory locks take their keys.
std::int64_t lock_key(std::string_view text);

} // namespace dibs::plugin
