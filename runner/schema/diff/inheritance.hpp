#pragma once

#include "schema/diff/compare.hpp"

namespace dibs::schema {

/// A partition's or child's part that comes and goes with the parent's.
bool follows_parent(const Key& key, const Context& context);

/// Whether a child keeps as its own what it has inherited of a column.
bool keeps_inherited(const Key& column, const Context& context);

/// What is to be done to a column that a child or partition gets with its parent's, for what it has
/// otherwise.
Alteration inherited_anew(const Column& column, const Inventory& in);

/// Whether a column is new in a table that is there, which is to have it from parents that are new to it, and
/// not declare it itself. PostgreSQL makes a child's column so only when a parent of it gets one, so there is
/// a parent for a while, which passes it on to the table; it stays so when another parent has it as well.
bool comes_by_a_parent(const Column& column, const Context& context);

/// A trigger that a partition has from its partitioned table, and fires otherwise than that; null for others.
const Scripted* inherited_trigger(const Key& key, const Inventory& in);

/// That parent's name.
Key parent_for_a_while(const Key& table);

} // namespace dibs::schema
