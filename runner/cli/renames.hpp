#pragma once

#include <string>
#include <vector>

#include "declared/model.hpp"
#include "schema/diff/filter.hpp"
#include "schema/diff/plan.hpp"
#include "schema/model/model.hpp"

namespace dibs::cli {

/// What a declared rename does that is still to be done.
struct Rename {
    schema::Key from;
    schema::Key to; ///< of a column: in its table as that is called then
    std::string sql;
    std::string back; ///< what undoes it, where all that came after it is undone
};

/// Those of which the old name is there, in the order in which they are to be done.
/// @throws report::Failure, with file and line, where the new one is there as well
std::vector<Rename> due_renames(const declared::Schema& declared, const schema::Model& current);

/// Takes those away that the filter leaves out.
/// @throws report::Failure where it leaves out what one is called before or after, and not the other
void leave_out(const schema::Filter& filter, const schema::Model& current, const schema::Model& wanted,
               std::vector<Rename>& due);

/// Puts them before everything else in a plan.
void prepend(const std::vector<Rename>& renames, schema::Plan& plan);

} // namespace dibs::cli
