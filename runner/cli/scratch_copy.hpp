#pragma once

#include <set>
#include <string>

#include "cli/command.hpp"
#include "cli/comparison.hpp"
#include "database/connection.hpp"
#include "scratch/server.hpp"

namespace dibs::cli {

/// For hints.
inline constexpr const char* other_scratch_server =
    "Another server for this, of the same major version: scratch: {url: ...} in dibs.yaml.";

/// The server of dibs.yaml on which schemas are tried out, else one of this major version, which is started.
scratch::Server scratch_server(Invocation& invocation, int major);

/// @param without tables that are left out
/// @return the name of a database on that server which has the schema of `of`
/// @throws report::Failure
std::string copy_schema(const database::Connection& of, scratch::Server& server,
                        const std::set<schema::Key>& without);

/// Puts what two databases may print alike through PostgreSQL once more, on a copy of the schema of `to`.
/// Where there is none to be had, it is told why, and all stays as it is.
void settle_on_copy(Invocation& invocation, database::Connection& to, Comparison& comparison);

} // namespace dibs::cli
