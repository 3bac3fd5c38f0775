#pragma once

#include "database/connection.hpp"
#include "schema/diff/plan.hpp"

namespace dibs::cli {

/// Looks whether rows are there that a plan fails on, and says so in its hazards. Reads only, and for a
/// second or two at most: what it cannot find out in time, or may not read, stays something that may fail.
void look_at_rows(database::Connection& target, schema::Plan& plan);

} // namespace dibs::cli
