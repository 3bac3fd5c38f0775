#pragma once

#include <string>

#include "declared/model.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::declared {

using schema::literal;
using schema::quoted;

/// schema.name, where a schema is said.
std::string quoted(const Name& name);

} // namespace dibs::declared
