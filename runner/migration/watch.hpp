#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "database/connection.hpp"

namespace dibs::migration {

/// Watches one connection from another, which it opens only when a statement or a transaction takes long, and
/// notes who is in its way (PostgreSQL's error does not say, and afterwards nobody is), and whom it keeps
/// waiting. What it costs a statement is a look at the clock.
class Watch {
  public:
    /// @param interval how long a statement must last to be looked at, and the time between two looks; after
    ///        10 s there is a look a second
    Watch(const database::Connection& watched, std::chrono::milliseconds interval);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

    /// Around a statement, which ends when this ends.
    class Statement {
      public:
        explicit Statement(Watch& watch) noexcept : watch_(watch) { watch.begins(); }
        Statement(const Statement&) = delete;
        Statement& operator=(const Statement&) = delete;
        ~Statement() { watch_.statement_ = 0; }

      private:
        Watch& watch_;
    };

    /// Around a transaction, its end included.
    class Transaction {
      public:
        explicit Transaction(Watch& watch);
        Transaction(const Transaction&) = delete;
        Transaction& operator=(const Transaction&) = delete;
        ~Transaction() { watch_.transaction_ = 0; }

      private:
        Watch& watch_;
    };

    /// What the last statement was seen to do.
    struct Sight {
        std::vector<std::string>
            blockers;            ///< the sessions that it waited for last, each described for people
        bool is_blocked = false; ///< by them still
        std::string wait_event;  ///< "IO: DataFileRead", as pg_stat_activity has it; empty while it computes
        std::string index; ///< how far the index is that it builds: "building index: scanning table, 42 %"
    };
    Sight last_statement();

    /// A table that was there before the transaction, and that nobody else could even read since.
    struct Held {
        std::string table;              ///< schema.table
        std::chrono::milliseconds time; ///< at least
    };
    /// Those that the last transaction had ACCESS EXCLUSIVE on for a second or more. To be called when it has
    /// ended.
    std::vector<Held> exclusive();

  private:
    using Clock = std::chrono::steady_clock;

    struct Lock {
        std::string table;
        Clock::time_point first;
        Clock::time_point last;
        bool held = true; ///< when it was looked at last
    };

    void begins() noexcept;
    void run();
    void look();

    const database::Connection& watched_;
    const std::chrono::milliseconds interval_;
    std::optional<database::Connection> own_;
    /// When it began, by the steady clock; 0: none runs.
    std::atomic<std::int64_t> statement_{0};
    std::atomic<std::int64_t> transaction_{0};
    std::atomic<std::int64_t> latest_{0}; ///< when the last statement began

    std::mutex mutex_;
    std::condition_variable wake_;
    bool stop_ = false;
    std::int64_t found_for_ = 0;
    Sight found_;
    std::map<std::string, Lock> locks_; ///< of the last transaction, by pg_class.oid
    std::thread thread_;                // last: it uses the others
};

} // namespace dibs::migration
