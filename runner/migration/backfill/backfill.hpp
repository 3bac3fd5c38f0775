#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "database/connection.hpp"
#include "history/backfills.hpp"
#include "migration/backfill/job.hpp"
#include "migration/backfill/part_walk.hpp"
#include "migration/backfill/team.hpp"
#include "migration/backfill/throttle.hpp"
#include "migration/watch.hpp"
#include "report/events.hpp"

namespace dibs::migration {

/// One backfill of a migration, on the migration's own connection and, with several workers, on others beside
/// it. Throws CallError, and what database::Connection and process::check_interrupt() throw; what was
/// committed until then stays, and the next run goes on behind it.
class Backfill {
  public:
    struct Place {
        history::Backfills history;
        std::string version; ///< as history::Backfills::key() gives it
        std::string run;
        std::chrono::milliseconds lock_timeout{0};
        std::function<void(const std::string&)> remark;
        std::function<void(const report::BackfillProgress&)> progress;
    };

    /// Notes it as begun, or finds where an earlier run was.
    /// @param what with its name
    Backfill(database::Connection& connection, Watch& watch, Place place, worker::BackfillDefinition what,
             bool by_callback, const worker::Call& where);
    Backfill(const Backfill&) = delete;
    Backfill& operator=(const Backfill&) = delete;
    ~Backfill();

    /// Does all of it.
    void run();

    /// For a migration that writes the batches itself. @return nothing: there is no more
    std::optional<worker::Batch> next();
    /// @return false: it is to be done again
    bool commit(std::int64_t rows);
    bool roll_back(const std::string& sqlstate);

    /// Notes it as finished. @return rows changed in all
    std::uint64_t finish();

    [[nodiscard]] bool was_finished() const { return was_finished_; }
    [[nodiscard]] bool in_batch() const { return in_batch_; }

  private:
    void begin_or_resume();
    void choose_walk();
    void plan_parts();
    /// Lets PostgreSQL read what the author wrote, also where the table has no row yet to try it on.
    void check_statement();
    [[nodiscard]] std::string definition() const;
    /// Changed in all, by earlier runs too, once the team is gone.
    [[nodiscard]] std::int64_t rows() const;
    void history(const std::string& sql);
    database::Outcome ask(const std::string& sql);
    /// @param send asks; again after a pause where a lock is in the way
    database::Outcome patiently(const std::function<database::Outcome()>& send, const worker::Call& call);
    std::vector<Position> stretches(unsigned parts);

    void run_pass();
    bool needs_another_pass();
    PartWalk::Surroundings surroundings();
    /// Waits while somebody has paused it, or it should let others go first.
    void let_others_go_first(std::string state, std::string paused_by);
    void note(const history::BackfillPart& part, std::int64_t batch_size);
    void tell(const std::string& waits, bool finished = false);

    database::Connection& connection_;
    Watch& watch_;
    Place place_;
    BackfillJob job_;
    Throttle throttle_;
    std::optional<Team> team_;
    std::unique_ptr<PartWalk> walking_; ///< the part of next()
    std::size_t part_ = 0;
    std::string waits_; ///< as noted
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::int64_t walked_before_ = 0; ///< in this pass, by earlier runs
    std::int64_t rows_before_ = 0;   ///< by earlier runs, and by passes that ended
    std::int64_t batch_size_ = 0;
    bool was_finished_ = false;
    bool in_batch_ = false;
};

} // namespace dibs::migration
