#pragma once

#include <string>
#include <vector>

#include "declared/model.hpp"

namespace dibs::declared {

/// One piece of SQL, without a semicolon at its end. Plain SQL may be several statements.
struct Statement {
    std::string sql;
    Where where; ///< who says it: for the error, when PostgreSQL refuses it
};

/// What makes the schema in an empty database, in an order in which each finds what it needs.
/// @throws report::Failure for DIBS_SQL that needs what is not there, or itself in the end
std::vector<Statement> ddl(const Schema& schema);

/// "CREATE TABLE users (...)", with all but its foreign keys, indexes and comments.
std::string create_table(const Table& table);
std::string create_index(const Table& table, const Index& index);
std::string create_enum(const Enumeration& enumeration);
/// COMMENT ON ... for the table and its columns.
std::vector<Statement> comments(const Table& table);

// Parts of statements.
/// "NOT NULL", "DEFAULT now()", ...: what a column says after its type.
std::vector<std::string> words_of(const Column& column);
/// "PRIMARY KEY (id)", ...: the constraints that stand in CREATE TABLE.
std::vector<std::string> constraints_in(const Table& table);
/// "FOREIGN KEY (user_id) REFERENCES users (id)"
std::string definition(const ForeignKey& key);
/// "EXCLUDE USING gist (room WITH =)"
std::string definition(const Exclusion& exclusion);
/// "(email DESC) WHERE ...": what an index says after its table.
std::string definition(const Index& index);

} // namespace dibs::declared
