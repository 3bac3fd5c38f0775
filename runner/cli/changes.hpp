#pragma once

#include "report/sink.hpp"
#include "schema/diff/plan.hpp"

namespace dibs::cli {

/// A line a change, by table, with what each may cost.
/// @param from for the sizes of its tables
void print_changes(const schema::Plan& plan, const schema::Model& from, report::Sink& sink);

} // namespace dibs::cli
