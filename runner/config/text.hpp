#pragma once

#include "config/document.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace dibs::config {

/// The offset of the first control character other than tab, line feed and carriage return.
[[nodiscard]] std::optional<std::size_t> first_control(std::string_view text);

/// Line and column of a byte; an offset past the end means the end.
[[nodiscard]] Position position_of(std::string_view text, std::size_t offset);

/// Where the line (counted from 1) begins; the end of the text where there is no such line.
[[nodiscard]] std::size_t offset_of_line(std::string_view text, int line);

} // namespace dibs::config
