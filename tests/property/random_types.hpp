#pragma once

#include <string>
#include <vector>

#include "property/column_type.hpp"
#include "property/dice.hpp"

namespace dibs::tests {

struct RandomTypes {
    std::string sql;
    std::vector<ColumnType> types; ///< PostgreSQL's own too
    std::vector<std::string> sequences;
};

/// Schemas, enums, domains, composite types, sequences, and functions for triggers.
RandomTypes random_types(const Side& side);

/// A comment now and then, an empty text otherwise. `object`: "TABLE t"
std::string random_comment(Die& die, const std::string& object);

} // namespace dibs::tests
