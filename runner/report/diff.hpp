#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dibs::report {

/// The lines of a unified diff, without its two lines of file names; none when the texts are equal. Line ends
/// of both kinds are one, and a byte order mark is not seen.
[[nodiscard]] std::vector<std::string> unified_diff(std::string_view before, std::string_view after);

} // namespace dibs::report
