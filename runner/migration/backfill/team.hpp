#pragma once

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "database/connection.hpp"
#include "migration/backfill/job.hpp"
#include "migration/backfill/part_walk.hpp"

namespace dibs::migration {

/// The connections that work on the parts of one pass: that of the migration, on the caller's thread, and
/// others on threads of their own. Every part is one's at a time.
class Team {
  public:
    /// @param parts of the pass
    Team(const BackfillJob& job, std::vector<history::BackfillPart> parts)
        : job_(job), parts_(std::move(parts)) {}
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;
    /// The others end with the batch that they are at.
    ~Team();

    /// @param like the migration's connection: the others have its settings and its role
    void start(unsigned others, database::Connection& like);
    /// The caller's own share, until no part is left.
    void work(database::Connection& connection, const PartWalk::Surroundings& surroundings);
    /// @return whether they are at their end
    /// @throws what one of the others has thrown
    bool wait_for_all(std::chrono::milliseconds patience);
    /// From here on the others begin no batch, until it is false.
    void hold(bool on);
    /// @throws what one of the others has thrown
    void check();

    void note(const history::BackfillPart& part);
    /// How far each is.
    [[nodiscard]] std::vector<history::BackfillPart> parts();

  private:
    void work_beside(database::Connection connection) noexcept;
    std::optional<history::BackfillPart> take();
    /// @param batch_size that the worker has come to, where the part has none yet; 0: none
    /// @return that which it has come to
    std::int64_t walk_whole(database::Connection& connection, history::BackfillPart part,
                            std::int64_t batch_size, const PartWalk::Surroundings& surroundings);
    /// @return false: it is over
    bool wait_while_held();

    const BackfillJob& job_;
    std::mutex mutex_; ///< for all below
    std::condition_variable changed_;
    std::vector<history::BackfillPart> parts_;
    std::size_t next_ = 0;
    std::size_t at_work_ = 0;
    bool held_ = false;
    bool stop_ = false;
    std::exception_ptr failure_;
    std::vector<std::thread> threads_;
};

} // namespace dibs::migration
