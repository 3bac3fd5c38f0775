#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::worker {

/// Takes apart a one-dimensional array as PostgreSQL writes it ("Array Input and Output Syntax"): {1,NULL,"a
/// b"}.
/// @return nothing when it is no such text, or has more than one dimension
std::optional<std::vector<std::optional<std::string>>> parse_array(std::string_view text);

/// Writes an element into an array's text: quoted, so that nothing in it means anything.
void append_element(std::string& array, std::optional<std::string_view> element);

} // namespace dibs::worker
