#pragma once

#include "database/connection.hpp"
#include "history/session.hpp"

namespace dibs::history {

/// Refuses a pooler that gives each transaction, or each statement, whatever session of the server is free:
/// no lock of a session would hold there, and a run's settings would stay in sessions of others. A pooler
/// that gives a client one session until it leaves is as good as none.
///
/// A pooler is known by its own process id (libpq is told another one than pg_backend_pid() says). Then two
/// connections show which kind it is, also when nobody else uses it: an idle one has lent its session to the
/// other's transaction.
/// @param facts of this connection, its backend's pid among them
/// @throws report::Failure (usage) with the reason and what to do
void refuse_transaction_pooling(database::Connection& connection, const Facts& facts);

} // namespace dibs::history
