#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "database/connection.hpp"
#include "schema/diff/phases.hpp"

namespace dibs::scratch {

/// The schema of a database as pg_dump prints it: what dibs has no model of included, owners and tablespaces
/// not. Reads only.
/// @param without tables that are left out
/// @param pg_dump the program; of the server's major version or a later one
/// @throws report::Failure with what pg_dump says
std::string dump_schema(const database::Connection& of, const std::string& pg_dump,
                        const std::set<schema::Key>& without = {});

/// Tables of which the role may not even have the schema dumped: pg_dump locks each one.
std::set<schema::Key> locked_away(database::Connection& connection);

/// The role that a statement names and the server has not, if that is why it was refused.
std::optional<std::string> missing_role(const database::Message& message);

/// A piece of a plan that PostgreSQL has refused.
struct Refused {
    std::string sql;
    database::Message message;
};

/// Carries out phases as migrations would, to the first error.
std::optional<Refused> run(database::Connection& connection, const std::vector<schema::Phase>& phases);

} // namespace dibs::scratch
