#pragma once

#include <set>
#include <string>
#include <vector>

#include "property/random_types.hpp"

namespace dibs::tests {

struct RandomColumn {
    std::string name; ///< quoted
    ColumnType type;
    bool generated = false;
};

struct RandomTable {
    std::string name; ///< quoted, with its schema where that is not public
    std::vector<RandomColumn> columns;
    std::vector<std::vector<std::size_t>> keys; ///< columns that a foreign key may reference
    std::string sql;
};

/// A table with all but its foreign keys.
/// @param used names of relations; those of its indexes are added
RandomTable random_table(const Side& side, const std::string& name, const RandomTypes& types,
                         std::set<std::string>& used);

/// Foreign keys between these, themselves included.
std::string random_foreign_keys(const Side& side, const std::vector<RandomTable>& tables);

} // namespace dibs::tests
