#pragma once

#include "declared/model.hpp"

namespace dibs::declared {

/// Holds a schema against what can be told without PostgreSQL, so that the error names the line.
/// @throws report::Failure for the first mistake
void check(const Schema& schema);

} // namespace dibs::declared
