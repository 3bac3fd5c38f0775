#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "database/connection.hpp"

namespace dibs::migration {

/// Watches one connection from another, which it opens only when a statement takes long, and notes who is in
/// its way: PostgreSQL's error does not say, and afterwards nobody is. What it costs a statement is a
/// look at the clock.
class BlockerWatch {
  public:
    /// @param interval how long a statement must last to be looked at, and the time between two looks
    BlockerWatch(const database::Connection& watched, std::chrono::milliseconds interval);
    BlockerWatch(const BlockerWatch&) = delete;
    BlockerWatch& operator=(const BlockerWatch&) = delete;
    ~BlockerWatch();

    /// Around a statement, which ends when this ends.
    class Statement {
      public:
        explicit Statement(BlockerWatch& watch) noexcept : watch_(watch) { watch.begins(); }
        Statement(const Statement&) = delete;
        Statement& operator=(const Statement&) = delete;
        ~Statement() { watch_.running_ = 0; }

      private:
        BlockerWatch& watch_;
    };

    /// The sessions that the last statement was seen to wait for, each described for people.
    std::vector<std::string> last();

  private:
    void begins() noexcept;
    void run();
    std::vector<std::string> look();

    const database::Connection& watched_;
    const std::chrono::milliseconds interval_;
    std::optional<database::Connection> own_;
    /// When the statement began, by the steady clock; 0: none runs.
    std::atomic<std::int64_t> running_{0};
    std::atomic<std::int64_t> latest_{0}; ///< when the last one began

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stop_ = false;
    std::int64_t found_for_ = 0;
    std::vector<std::string> found_;
    std::thread thread_; // last: it uses the others
};

} // namespace dibs::migration
