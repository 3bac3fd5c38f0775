#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::schema {

// Of SQL as PostgreSQL prints it: quotes are doubled inside quotes, there are no comments and no dollar
// quotes.

/// npos where there is none.
std::size_t find_outside_quotes(std::string_view sql, char wanted, std::size_t from = 0);

/// The parenthesis that closes the one at `open`; npos where there is none.
std::size_t closing_parenthesis(std::string_view sql, std::size_t open);

/// Whether a bracket ends here that began before.
bool bracket_ends(std::string_view sql);

/// "a, f(b, c) DESC" -> "a", "f(b, c) DESC"
std::vector<std::string> list_elements(std::string_view sql);

} // namespace dibs::schema
