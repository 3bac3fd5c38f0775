#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "database/connection.hpp"

namespace dibs::schema {

/// The results of catalog_queries(), in this order.
enum class Catalog : std::size_t {
    schemas,
    members,
    relations,
    columns,
    constraints,
    indexes,
    inheritance,
    sequences,
    types,
    labels,
    made,
    functions,
    triggers,
    rules,
    policies,
    extensions,
    comments,
    grants,
    dependencies,
    casts,
    left_alone,
    default_privileges,
    count_
};

/// What stands between the elements of a list in one value: a unit separator, which no name can be expected
/// to have.
inline constexpr char separator = '\x1f';

/// All that is read of a catalog: a fixed number of statements, each for all objects at once. They are to run
/// with an empty search_path, so that every name they give is complete.
/// @param role whose default privileges are read; empty: that of the connection
std::vector<database::Statement> catalog_queries(int server_version, const std::string& role);

/// The one of what dibs leaves alone.
std::string left_alone_query();

/// One text that is another whenever a row of the catalog that a model is made from was written.
std::string fingerprint_query();

} // namespace dibs::schema
