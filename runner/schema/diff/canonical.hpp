#pragma once

#include <set>
#include <string>

#include "schema/model/model.hpp"

namespace dibs::schema {

/// One text for one schema, whatever server it is on. Not in it are the order of columns, comments,
/// privileges, extensions and partitions, which differ between the databases of one project, nor casts and
/// parentheses, which PostgreSQL spells otherwise once a dump is restored.
/// @param without what is not looked at
std::string canonical_text(const Model& model, const std::set<Key>& without);

} // namespace dibs::schema
