#pragma once

#include <chrono>

#include "database/connection.hpp"
#include "history/history.hpp"
#include "migration/attempt.hpp"

namespace dibs::migration {

/// Asks the history on another connection whether a COMMIT without an answer was done. It may be going on
/// still: only when the lock is free, its session has ended.
/// @param tried says what came out: no failure, one that was rolled back, or `outcome_unknown` still, when
/// the server could not be asked within `limit` or a signal came
void find_out(const database::Connection& lost, const history::History& history, const Pending& pending,
              std::chrono::milliseconds limit, Attempt& tried);

} // namespace dibs::migration
