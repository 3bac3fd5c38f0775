#pragma once

#include "worker/session.hpp"

namespace dibs::migration {

/// What can be told to be wrong about a backfill without looking at the database.
/// @param by_callback a function does what is done with each batch
/// @throws worker::CallError
void check(const worker::BackfillDefinition& what, bool by_callback, const worker::Call& where);

} // namespace dibs::migration
