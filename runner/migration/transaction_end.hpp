#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace dibs::migration {

/// Where the first statement begins that would end the transaction it runs in, in bytes: COMMIT, END, ABORT,
/// ROLLBACK (but not TO a savepoint) or PREPARE TRANSACTION. What stands in quotes, comments and the body of
/// a function is none. Statements are told apart as psql does (psqlscan.l).
/// @param escapes a backslash in '...' escapes, as where standard_conforming_strings is off
std::optional<std::size_t> transaction_end(std::string_view sql, bool escapes);

} // namespace dibs::migration
