#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "database/connection.hpp"
#include "history/history.hpp"
#include "migration/connection_session.hpp"
#include "migration/executor.hpp"
#include "report/events.hpp"
#include "worker/host.hpp"

namespace dibs::migration {

/// One migration, to the end of its transaction.
struct Attempt {
    std::optional<report::MigrationFailure> failure;
    bool partly_applied = false;
    bool connection_lost = false;
    bool outcome_unknown = false; ///< the connection was lost during COMMIT
    bool lock_lost = false;
    bool interrupted = false;
    bool backfilled = false; ///< it has begun a backfill
    std::string left_behind; ///< ConnectionSession::left_behind()
};

/// Runs a migration, or its rollback(), once and records it. What it could not do is in the result.
/// @param run what the attempts of this run have in common
/// @param time_limit 0: none
Attempt attempt(database::Connection& connection, ConnectionSession& session, const Pending& pending,
                const history::History& history, const std::string& run, worker::Host& host,
                std::chrono::milliseconds time_limit);

/// What became of the transaction, for people; of an attempt that has failed.
std::string outcome_text(const Attempt& attempt, const Pending& pending);

} // namespace dibs::migration
