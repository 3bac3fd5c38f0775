#pragma once

#include <vector>

#include "schema/diff/plan.hpp"
#include "schema/diff/verdicts.hpp"

namespace dibs::schema {

/// The verdicts as lines for people: by table, in the order of Kind.
std::vector<Change> changes(const Context& context, const Verdicts& verdicts);

} // namespace dibs::schema
