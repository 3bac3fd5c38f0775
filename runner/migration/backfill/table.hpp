#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "database/connection.hpp"
#include "worker/session.hpp"

namespace dibs::migration {

/// A column of the index by which a table is walked, as SQL.
struct KeyColumn {
    std::string name;      ///< table.column, quoted where that is needed
    std::string quoted;    ///< the column alone, in the same way
    std::string type;      ///< schema.type, quoted
    std::string collation; ///< " COLLATE ...", where the index has another one than the column
    // The operators of the index's operator class, with their schema.
    std::string less;
    std::string less_or_equal;
    std::string equal;
    std::string greater_or_equal;
    std::string greater;
};

/// What a backfill walks.
struct BackfillTable {
    std::string oid;
    std::string quoted; ///< schema.table
    std::string name;   ///< table, quoted
    bool is_partitioned = false;
    std::string index;          ///< by which it is walked; empty: by pages
    std::vector<KeyColumn> key; ///< none: by pages
    std::int64_t rows = -1;     ///< by the planner's estimate; -1: unknown
};

/// A table with rows of its own: the table, its partitions, those that inherit from it.
struct Leaf {
    std::string quoted; ///< schema.table
    std::int64_t pages = 0;
};

/// @throws worker::CallError for a table that is not there, or that cannot be walked
BackfillTable find_table(database::Connection& connection, const worker::BackfillDefinition& what,
                         const worker::Call& where);

/// The tables whose pages are to be walked. @throws worker::CallError for a foreign table
std::vector<Leaf> leaves_of(database::Connection& connection, const BackfillTable& table,
                            const worker::Call& where);

} // namespace dibs::migration
