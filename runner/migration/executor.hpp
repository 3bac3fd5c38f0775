#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "database/connection.hpp"
#include "history/history.hpp"
#include "history/lock.hpp"
#include "migration/retry.hpp"
#include "plugin/library.hpp"
#include "report/events.hpp"
#include "report/failure.hpp"
#include "worker/host.hpp"

namespace dibs::migration {

/// A library of which a function is to be run.
struct Pending {
    plugin::Library library;
    std::size_t loaded = 0; ///< its place among the libraries that the host has loaded
    bool out_of_order = false;
    std::optional<history::Applied> undoes = {}; ///< its row, which rollback() takes back; none: migrate()
    std::string remark = {};                     ///< what a person is told of it in a list

    [[nodiscard]] bool backwards() const { return undoes.has_value(); }
    /// What a person is told that runs.
    [[nodiscard]] std::string label() const {
        return library.version.to_string() + (backwards() ? " (rollback)" : "");
    }
};

/// What is not set is as for `dibs migrate`, also in an application that migrates itself.
struct RunOptions {
    explicit RunOptions(const history::Facts& facts)
        : lock_timeout(facts.deadlock_timeout + std::chrono::milliseconds(500)) {}

    std::chrono::milliseconds lock_timeout;      ///< for migrations that name none; 0 waits for ever
    std::chrono::milliseconds lock_wait{60'000}; ///< also how long to find out what became of a COMMIT
    std::string role;                        ///< set for each migration, not for its history row; empty: none
    RetryPolicy retry;                       ///< for transactional migrations
    std::chrono::milliseconds time_limit{0}; ///< for each attempt of a migration, COMMIT apart; 0: none
    bool roll_back_all = false;              ///< one transaction around everything, rolled back at the end
    std::function<void(const Pending&)> before = {}; ///< called, where there is one, ahead of each migration
};

struct RunResult {
    struct Done {
        plugin::Version version;
        std::chrono::microseconds took{0};
    };
    std::vector<Done> applied;
    std::vector<Done> rolled_back;
    std::optional<report::MigrationFailure> failure;
    report::ExitCode code = report::ExitCode::done;
    bool interrupted = false; ///< by a signal, so what is left was not run
};

/// Runs migrations one after the other, each in its own transaction with its history row (or the end of it)
/// inside, and stops at the first that fails: what those before it did stays. The libraries are loaded
/// already, the lock is held.
/// @param run what the attempts of this run have in common
/// @throws database::ConnectionLost only while nothing runs
RunResult run_pending(database::Connection& connection, history::History& history, const history::Lock& lock,
                      const std::string& run, const std::vector<Pending>& pending, worker::Host& host,
                      const RunOptions& options, report::Events& events);

} // namespace dibs::migration
