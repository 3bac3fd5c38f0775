#pragma once

#include <string>
#include <string_view>

#include <dibs/parameter.hpp>

namespace dibs::worker {

/// Appends a value in the text format of COPY ("COPY", File Formats), in which a row is a line, values are
/// parted by a tab and \N is NULL.
/// @return false for text with a NUL, which PostgreSQL cannot hold
[[nodiscard]] bool append_copy_value(std::string& line, const dibs::Parameter& value);

} // namespace dibs::worker
