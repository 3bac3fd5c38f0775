#pragma once

#include "cli/command.hpp"
#include "declared/model.hpp"

namespace dibs::cli {

/// What the project's schema library declares: loads it in a process of its own and runs its bodies there.
/// What they print goes to standard error.
/// @throws report::Failure: no library, one that this dibs cannot load, a body that throws or crashes, a
/// schema that cannot be
declared::Schema declared_schema(Invocation& invocation);

} // namespace dibs::cli
