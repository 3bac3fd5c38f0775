#pragma once

#include <string>
#include <string_view>

namespace dibs::tests {

/// `pg_dump -s` of a database of server(), without what is not the schema: comments, empty lines, settings.
/// Each statement's lines are kept, but for CREATE TABLE, whose columns and constraints are sorted.
std::string dump(std::string_view database);

} // namespace dibs::tests
