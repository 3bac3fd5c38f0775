#pragma once

#include <string>
#include <string_view>

namespace dibs::schema {

/// An identifier as SQL takes it: in double quotes only where it needs them, by the rules of quote_ident().
std::string quoted(std::string_view name);

/// A string literal. Safe whatever standard_conforming_strings says: one with a backslash is written E'...'.
std::string literal(std::string_view text);

} // namespace dibs::schema
