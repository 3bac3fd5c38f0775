#pragma once

#include <string>
#include <vector>

#include "schema/diff/verdicts.hpp"

namespace dibs::schema {

/// What the verdicts would have PostgreSQL do that it has no way to do, a line each.
std::vector<std::string> refusals(const Context& context, const Verdicts& verdicts);

} // namespace dibs::schema
