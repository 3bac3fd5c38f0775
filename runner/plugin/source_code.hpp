#pragma once

#include <string_view>

namespace dibs::plugin {

/// Whether two C++ sources differ in nothing but comments, line ends, and white space between tokens: the
/// compiler sees the same. White space that separates operators (a + b, a+b) counts as a difference: to know
/// better takes a parser. What stands in string literals counts, raw ones included.
[[nodiscard]] bool same_code(std::string_view a, std::string_view b);

} // namespace dibs::plugin
