#pragma once

#include <vector>

#include "schema/diff/compare.hpp"
#include "schema/diff/verdicts.hpp"

namespace dibs::schema {

/// Indexes and constraints that are a partition's own, and like one of the whole table's. When the partition
/// is attached, PostgreSQL makes the first that it finds to be like that its part
/// (AttachPartitionEnsureIndexes() in commands/tablecmds.c): not always the one that is meant.
std::vector<Key> own_like_parts(const Table& partition, const Inventory& in);

/// Those that are there when their partition is attached, and stay.
std::vector<Key> in_the_way_of_parts(const Verdicts& verdicts, const Context& context);

} // namespace dibs::schema
