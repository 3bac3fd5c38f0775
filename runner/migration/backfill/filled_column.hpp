#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "database/connection.hpp"
#include "migration/backfill/table.hpp"

namespace dibs::migration {

/// The column of `set = "x = 'a literal'"` with `where = "x IS NULL"`, as the catalog has its name: the one
/// makes the other false. Nothing for all else, also where that is so.
std::optional<std::string> filled_column(std::string_view set, std::string_view where);

/// Whether a literal that is given to the column stays there as it is, and is not null: no trigger or rule
/// can have its say, in the table or one that inherits from it, and no type with parts, which is null when
/// they are.
/// @throws worker::CallError
bool keeps_what_is_set(database::Connection& connection, const BackfillTable& table,
                       const std::string& column, const worker::Call& where);

} // namespace dibs::migration
