#pragma once

#include <string>
#include <string_view>

#include "declared/model.hpp"

namespace dibs::declared {

/// An identifier as SQL takes it: in double quotes only where it needs them, by the rules of quote_ident().
std::string quoted(std::string_view name);

/// schema.name, where a schema is said.
std::string quoted(const Name& name);

/// A string literal. Safe whatever standard_conforming_strings says: one with a backslash is written E'...'.
std::string literal(std::string_view text);

} // namespace dibs::declared
