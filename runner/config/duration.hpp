#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace dibs::config {

/// A whole number with a unit that PostgreSQL knows (ms, s, min, h, d), spaces between them allowed; `0`
/// needs none. Nothing where it is not that, or more than PostgreSQL's settings hold (2147483647 ms, 24
/// days).
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// A whole number from 1 to 1000, of attempts say.
[[nodiscard]] std::optional<unsigned> parse_count(std::string_view text);

} // namespace dibs::config
