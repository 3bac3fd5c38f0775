#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "database/connection.hpp"
#include "schema/model/model.hpp"

namespace dibs::schema {

struct ReadOptions {
    /// What all may wait together for tables that another session has locked; half a second at a time, so
    /// that a session that waits for the reader's own locks is no victim of the deadlock. Must not be 0.
    std::chrono::milliseconds lock_timeout{2000};
    /// Relations that are called so, or whose names begin so, are not in the model, nor is what belongs to
    /// them.
    std::vector<std::string> excluded_names = {};
    std::vector<std::string> excluded_prefixes = {};
    /// The one that is to make what is not there, whose default privileges count. Empty: that of the
    /// connection.
    std::string role = {};
};

/// The schema as of one moment. Reads only, with no other right than to connect, also from a standby; the
/// connection must not be in a transaction. Two round trips, and two more each time
/// that something was committed meanwhile; up to five times.
/// @throws report::Failure when it does not get to read within the lock timeout (with what is locked, and who
///         locks it), or the schema never stood still
Model read(database::Connection& connection, const ReadOptions& options);

} // namespace dibs::schema
