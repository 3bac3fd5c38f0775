#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::report {

/// The number of characters in UTF-8 text, as PostgreSQL counts positions.
std::size_t characters(std::string_view utf8);

/// The lines of a statement around a position with a caret under it, each line indented; without a position
/// the first lines. Tabs become spaces; long lines are cut around the caret.
/// @param position in characters from 1; 0 for none
std::vector<std::string> excerpt(std::string_view sql, std::size_t position);

/// "850 us", "12 ms", "3.4 s", "2 min 5 s"
std::string duration(std::chrono::microseconds time);

/// A duration that was kept in whole milliseconds: "< 1 ms", "12 ms"; empty where it is unknown.
std::string took(const std::optional<std::int64_t>& milliseconds);

/// A time of day as people read it: "2026-11-23T12:04:46Z" is "2026-11-23 12:04:46".
std::string moment(std::string_view iso);

/// Rows as columns of equal width, two spaces apart, without trailing spaces. Widths are of what is seen: a
/// cell's colour codes are not counted.
std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& rows);

/// At most `width` characters, the last three of them dots where more is cut off.
std::string shortened(std::string_view text, std::size_t width);

/// Text in lines of at most `width` characters, broken at spaces; a longer word has a line of its own. Line
/// feeds stay. At least one line.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// Text from elsewhere as a terminal may have it: control characters but tab and line feed, and bytes that
/// are not UTF-8, become \xNN, which moves no cursor and clears no screen. CR LF becomes LF. Doing it twice
/// changes nothing more.
std::string harmless(std::string_view utf8);

/// The offset of the first byte that does not begin or continue a well-formed UTF-8 character.
[[nodiscard]] std::optional<std::size_t> first_not_utf8(std::string_view text);

/// "1 migration", "3 migrations"
std::string counted(std::size_t number, std::string_view thing);

} // namespace dibs::report
