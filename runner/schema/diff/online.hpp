#pragma once

#include <vector>

#include "schema/model/table.hpp"
#include "schema/sql/statement.hpp"

namespace dibs::schema {

// How to do it to a plain table that is read and written all the while.

std::vector<Piece> build_online(const Index& index);
std::vector<Piece> drop_online(const Key& index);
/// For an index that is made again: the old one is there, under another name, until the new one is built. For
/// the place of the DROP and of the CREATE.
std::vector<Piece> set_aside(const Key& index);
std::vector<Piece> replace_online(const Index& index);

/// Nothing for what there is no such way: an exclusion, one that is not to be validated.
std::vector<Piece> add_online(const Constraint& constraint);

Piece validate_online(const Key& constraint);

/// SET NOT NULL.
std::vector<Piece> require_online(const Key& column);

} // namespace dibs::schema
