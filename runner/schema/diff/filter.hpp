#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "schema/diff/inventory.hpp"
#include "schema/model/model.hpp"

namespace dibs::schema {

/// Objects of one kind by their names: "table:audit_*", "column:users.internal_?", "schema:legacy".
struct Pattern {
    std::string text;   ///< as it was written
    std::string origin; ///< where: "dibs.yaml:3:11"
    std::string kind;
    std::vector<std::string> names; ///< the last ones of an object's: schema, table, column; as for fnmatch()

    /// @throws report::Failure for a kind that there is not, and for too many names
    static Pattern parse(std::string_view text, std::string_view origin);
    [[nodiscard]] bool matches(const Key& key) const;
};

/// What is compared. A pattern that matches an object speaks for all that belongs to it: a schema's objects,
/// a table's parts and partitions.
struct Filter {
    std::vector<Pattern> include; ///< only these; empty: everything
    std::vector<Pattern> exclude; ///< but not these

    [[nodiscard]] bool empty() const { return include.empty() && exclude.empty(); }
};

/// Those of the model's objects that the filter leaves out.
std::set<Key> left_out(const Filter& filter, const Inventory& model);

/// Gives `wanted` what `current` has of all that the filter leaves out on either side, so that it is no
/// difference.
/// @return what cannot be kept apart so: something that is compared needs something that is left out and not
///         there, or the other way round; for Plan::unsupported
std::vector<std::string> leave_out(const Filter& filter, const Model& current, Model& wanted);

/// Takes tables out of a model, with all that belongs to them.
void take_out(const std::set<Key>& tables, Model& model);

/// The patterns that match nothing on either side.
std::vector<Pattern> unmatched(const Filter& filter, const Model& current, const Model& wanted);

} // namespace dibs::schema
