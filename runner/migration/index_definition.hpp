#pragma once

#include <string>
#include <string_view>

#include "worker/session.hpp"

namespace dibs::migration {

/// "CREATE UNIQUE INDEX CONCURRENTLY name ON table USING method (columns) ..."
/// @param wanted with its names quoted already
/// @param concurrently false: for the same index on an empty table, wherever its files are
std::string create_statement(const worker::IndexDefinition& wanted, std::string_view quoted_table,
                             bool concurrently);

/// Whether what pg_get_indexdef() says of an index is what it says of another on a table of the same name in
/// another schema.
/// @param quoted_name of the table, without schema
bool same_definition(std::string_view one, std::string_view other, std::string_view quoted_name);

} // namespace dibs::migration
