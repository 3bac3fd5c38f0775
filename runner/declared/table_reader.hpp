#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "declared/model.hpp"
#include "declared/reader.hpp"

namespace dibs::declared {

using ColumnNames = std::map<std::int64_t, std::string>; ///< by the numbers that a library gives its columns

/// What parts refer to each other by: the full names of C++ types.
struct References {
    std::map<std::string, Name> enums;
    std::map<std::string, std::vector<std::pair<Name, ColumnNames>>> tables; ///< a struct may be several
};

ColumnNames names_of_columns(const Said& table);
Name name_of(const Said& said);

/// @throws report::Failure for a reference that leads nowhere
Table read_table(const Said& said, const References& references);

/// @throws report::Failure that begins with the place
[[noreturn]] void refuse(const Where& where, const std::string& what, std::string hint);

} // namespace dibs::declared
