#pragma once

#include <vector>

#include "schema/model/model.hpp"

namespace dibs::schema {

/// Gives `wanted`, which is read from what was declared, all that `current` has and a declaration does not
/// speak of: it is to stay. That is
/// - everything in schemas of which nothing is declared;
/// - views, functions, triggers, policies, rules, sequences, extensions, domains and other types but enums,
/// as
///   long as they are not declared;
/// - privileges, row security, storage and what else a table has besides columns, constraints and indexes,
///   where the declaration leaves it at the default; new objects have what default privileges give them.
/// @return the objects that were kept though their schema is declared
std::vector<Key> keep_undeclared(const Model& current, Model& wanted);

/// For `wanted` after keep_undeclared(), once a plan was carried out: what is new, and declared without
/// privileges, has what it was given by default.
void keep_undeclared_privileges(const Model& current, Model& wanted);

} // namespace dibs::schema
