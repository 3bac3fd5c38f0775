#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "database/connection.hpp"
#include "migration/backfill/job.hpp"

namespace dibs::migration {

/// Whether a backfill should let others go first: standbys that are behind, a condition of the author's.
class Throttle {
  public:
    /// @param remark takes what is to be said once
    Throttle(database::Connection& connection, const BackfillJob& job,
             std::function<void(const std::string&)> remark)
        : connection_(connection), job_(job), remark_(std::move(remark)) {}

    /// Why to wait, for people; empty: no reason. Asks the server once a second at most.
    /// @throws worker::CallError when `only_while` is no query of a boolean
    std::string reason();

  private:
    struct Sent {
        std::chrono::steady_clock::time_point when;
        std::int64_t lsn = 0; ///< bytes of WAL written by then
    };

    std::string lag();
    std::string condition();

    database::Connection& connection_;
    const BackfillJob& job_;
    std::function<void(const std::string&)> remark_;
    std::deque<Sent> sent_;
    std::chrono::steady_clock::time_point looked_;
    std::string last_;
    bool looked_once_ = false;
    bool told_hidden_ = false;
};

} // namespace dibs::migration
