#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <string>

#include "database/connection.hpp"
#include "migration/backfill/job.hpp"
#include "migration/backfill/pace.hpp"

namespace dibs::migration {

/// Walks one part of a backfill on one connection, which nothing else uses meanwhile. Throws CallError for
/// what another attempt does not mend, and what database::Connection and process::check_interrupt() throw.
class PartWalk {
  public:
    /// What it asks of the one who watches over all parts.
    struct Surroundings {
        /// Called between batches with the state in which the backfill was then: "running" or "paused".
        std::function<void(const std::string& state, const std::string& paused_by)> between;
        std::function<void(const history::BackfillPart& part, std::int64_t batch_size)> moved_on;
        std::function<void(std::chrono::milliseconds)> sleep;
        std::function<std::string()>
            blockers; ///< who was in the way of the last statement; empty: nobody known
    };

    PartWalk(database::Connection& connection, const BackfillJob& job, history::BackfillPart part,
             Surroundings surroundings);

    /// Does one batch as the definition says. @return false: the part was done
    bool step();

    /// For a migration that writes the batches itself: begins the next one. @return nothing: the part is done
    std::optional<worker::Batch> begin();
    /// Commits it with how far it is.
    /// @return false: it was rolled back, and is to be done again
    bool commit(std::int64_t rows);
    /// Rolls it back. @return whether it is to be done again: a lock or a time-out was the reason
    bool roll_back(const std::string& sqlstate);

    [[nodiscard]] const history::BackfillPart& part() const { return part_; }
    /// Of the next batch, in rows.
    [[nodiscard]] std::int64_t batch_size() const { return pace_.size(); }

  private:
    struct Range {
        Position to;
        std::int64_t rows = 0; ///< that are to be walked; of the last one as many as expected
        bool ends = false;     ///< nothing of the part is behind it
    };
    struct Written {
        std::optional<database::Message> error;
        std::int64_t rows = 0;
        bool unsettled = false;
    };

    [[nodiscard]] std::string opening() const;
    void find_range();
    void take_range(const database::Result& probed, std::int64_t rows);
    [[nodiscard]] std::string statement();
    Written write(const std::string& sql);
    /// @return an error that another attempt may mend
    std::optional<database::Message> record(std::int64_t rows, bool unsettled);
    void refuse_unsettled(const Written& written) const;
    /// Asks the table, again after a pause where a lock is in the way.
    database::Outcome ask(const std::string& sql);
    /// Before another attempt, at a batch with fewer rows. @throws CallError when there were enough
    void wait_after(const database::Message& said, const std::string& sql);
    void pause_after(const database::Message& said, const std::string& sql);
    void undo();

    database::Connection& connection_;
    const BackfillJob& job_;
    history::BackfillPart part_;
    Surroundings surroundings_;
    Pace pace_;
    bool may_move_;              ///< the statement may change the key of a row
    bool counts_;                ///< the statement tells more of the rows than how many they are
    std::optional<Range> range_; ///< that comes next
    std::chrono::steady_clock::time_point begun_;
    unsigned failed_ = 0; ///< attempts since the last batch that was committed
    std::minstd_rand random_{std::random_device{}()};
};

/// Attempts at what does not get through, the halving of batches among them.
inline constexpr unsigned most_attempts = 30;

/// Before the next attempt, after so many that failed.
std::chrono::milliseconds jittered_pause(unsigned failed, std::uint_fast32_t chance);

/// Whether the statement may succeed when it is sent again, or is about fewer rows: a lock or a time was not
/// enough, a deadlock, a serialization failure.
bool may_be_repeated(std::string_view sqlstate);

} // namespace dibs::migration
