#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dibs::tests {

enum class Family { number, text, truth, date, range, list, json, label, other };

/// A type that a random column may have, and what fits it.
struct ColumnType {
    std::string sql;
    Family family = Family::other;
    std::vector<std::string> defaults;
    bool counts = false; ///< may be an identity
    bool sorts = true;   ///< may stand in a btree index
};

/// PostgreSQL's own, many of them.
const std::vector<ColumnType>& builtin_types();

/// Conditions on a column (quoted) of a family; never empty.
std::vector<std::string> conditions(Family family, const std::string& column);

/// Expressions for an index, complete with their parentheses; may be empty.
std::vector<std::string> index_expressions(Family family, const std::string& column);

} // namespace dibs::tests
