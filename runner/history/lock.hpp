#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "database/connection.hpp"

namespace dibs::history {

/// The session that has the lock, as far as this role may see it.
struct Holder {
    int pid = 0;
    std::string application_name;
    std::string client;   ///< address, or "local socket"
    std::string since;    ///< when its session began, UTC
    std::string query;    ///< that it runs; empty when none
    std::string running;  ///< for how long, in seconds
    bool visible = false; ///< false: pg_stat_activity hides it without pg_monitor
};

std::string describe(const Holder& holder);

/// An expression: whether any session has the lock of this name.
std::string is_held(const std::string& name);

/// A session advisory lock, held until the session ends or release(). The kind that survives COMMIT, and that
/// lets a concurrent index build run: the session waits outside any transaction, with no statement open.
class Lock {
  public:
    /// Polls until it has the lock.
    /// @param waiting called once, when it must wait
    /// @throws report::Failure (lock_not_obtained) after `patience`, naming the holder, or at once when this
    /// very
    ///         session holds it already
    Lock(database::Connection& connection, const std::string& name, std::chrono::milliseconds patience,
         const std::function<void(const Holder&)>& waiting);
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    /// Releases it, if nobody has.
    ~Lock();

    /// @return false when this session did not have it any more, so that another run may have begun before
    /// this
    ///         one was over. When the connection is gone, the lock went with it: true
    bool release();

    /// An expression that frees all other session advisory locks of this session and has this one again,
    /// once. A lock of the transaction stands in for it meanwhile. False, and nothing done, when another
    /// session has it: a migration may have released every lock of its session (pg_advisory_unlock_all).
    [[nodiscard]] std::string renewal() const;

    /// An expression that has this lock again where the session has released it, and leaves others alone.
    /// False when another session has it.
    [[nodiscard]] std::string assurance() const;

  private:
    database::Connection& connection_;
    std::int64_t key_;
    bool held_ = true;
};

} // namespace dibs::history
