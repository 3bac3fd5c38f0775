#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/connection.hpp"
#include "plugin/version.hpp"

namespace dibs::history {

/// A stretch of a table that one connection walks.
struct BackfillPart {
    int number = 1;                    ///< from 1
    std::string relation;              ///< schema.table, quoted
    std::vector<std::string> position; ///< done up to and with this key; empty: nothing is
    std::vector<std::string> last;     ///< its last key
    std::int64_t rows = 0;             ///< changed
    std::int64_t walked = 0;           ///< rows of the table that were looked at
    std::int64_t batches = 0;
    std::int64_t batch_size = 0; ///< rows
    bool done = false;
    bool unsettled =
        false; ///< rows for which `where` holds still have been changed: `set` does not make it false
};

/// A backfill that was begun.
struct Backfill {
    std::string version;    ///< as the row has it, of the migration
    std::string name;       ///< of the backfill
    std::string definition; ///< what it does, for people; another one is another backfill
    std::string state;      ///< running, paused, finished
    int pass = 1;
    std::int64_t rows = 0;    ///< changed, in all passes
    std::int64_t batches = 0; ///< in all passes
    std::int64_t walked = 0;  ///< in this pass
    std::int64_t total = -1;  ///< rows of the table, by the planner's estimate; -1: unknown
    std::string begun_at;     ///< UTC, ISO 8601, as all times
    std::string changed_at;   ///< when the last batch was committed
    std::string finished_at;  ///< empty: it is not
    std::string paused_by;    ///< the role, where it is paused
    std::string waits;        ///< why it waits, where it does
    /// A run is at it, or nobody knows whether one is.
    bool at_work = true;
    std::vector<BackfillPart> parts; ///< of this pass; only where they were asked for

    /// For people: running, interrupted, paused, finished.
    [[nodiscard]] std::string shown_state() const;
    /// In percent of the table, where that can be said.
    [[nodiscard]] std::optional<int> percent() const;
};

/// `_dibs_backfills`: for each backfill a row for what concerns it as a whole (part 0), and one for each part
/// of the pass that runs, which moves on with every batch, in the batch's own transaction.
class Backfills {
  public:
    struct State {
        bool exists = false;
        bool readable = true; ///< by this role, if it exists
    };

    Backfills() = default;
    Backfills(std::string table, State state) : table_(std::move(table)), state_(state) {}

    [[nodiscard]] const State& state() const { return state_; }
    /// What makes the table where it is missing; else nothing.
    [[nodiscard]] std::string creation() const;
    void created() { state_ = {true, true}; }

    /// What the rows of a migration go by. No version ends as that of a rollback() does.
    [[nodiscard]] static std::string key(const plugin::Version& version, bool backwards);

    /// With its parts. @throws database::StatementError
    [[nodiscard]] std::optional<Backfill> find(database::Connection& connection, const std::string& version,
                                               const std::string& name) const;
    /// All of one name, without their parts; of every name where it is empty. @throws
    /// database::StatementError
    [[nodiscard]] std::vector<Backfill> called(database::Connection& connection,
                                               const std::string& name) const;

    // The following functions give SQL without values, for a transaction with the session's own rights.

    /// Notes a new one with its parts.
    [[nodiscard]] std::string begin(const database::Connection& connection, const Backfill& backfill,
                                    const std::string& run) const;
    /// From here on only this run may move it on: the batches of an earlier one that are under way yet come
    /// to nothing.
    [[nodiscard]] std::string take_over(const database::Connection& connection, const std::string& version,
                                        const std::string& name, const std::string& run) const;
    /// Moves a part on, behind a batch. Division by zero when this run is not the one that may.
    /// @param part as it is then
    [[nodiscard]] std::string advance(const database::Connection& connection, const Backfill& backfill,
                                      const BackfillPart& part, const std::string& run) const;
    /// Its state, and by whom it is paused.
    [[nodiscard]] std::string ask_state(const database::Connection& connection,
                                        const Backfill& backfill) const;
    [[nodiscard]] std::string note_waiting(const database::Connection& connection, const Backfill& backfill,
                                           const std::string& why) const;
    /// Ends the pass, and begins the next with the parts of `backfill`.
    [[nodiscard]] std::string begin_pass(const database::Connection& connection, const Backfill& backfill,
                                         const std::string& run) const;
    [[nodiscard]] std::string finish(const database::Connection& connection, const Backfill& backfill) const;
    /// @param state running or paused. No row is affected where it is finished
    [[nodiscard]] std::string set_state(const database::Connection& connection, const Backfill& backfill,
                                        std::string_view state) const;
    /// So that the migration begins anew when it is run again.
    [[nodiscard]] std::string forget(const database::Connection& connection,
                                     const plugin::Version& version) const;

    /// Those that are not finished, in a statement for the simple protocol; empty where there is no table, or
    /// this role may not read it.
    [[nodiscard]] std::string look_for_unfinished() const;
    [[nodiscard]] static std::vector<Backfill> found(const database::Result& result);

  private:
    [[nodiscard]] std::string select(const std::string& condition) const;
    /// Adds the parts up, and takes them out. @param change of the row of the whole
    [[nodiscard]] std::string end_pass(const database::Connection& connection, const Backfill& backfill,
                                       std::string_view change) const;
    [[nodiscard]] std::string insert_parts(const database::Connection& connection, const Backfill& backfill,
                                           const std::string& run) const;

    std::string table_; ///< schema.table, quoted
    State state_;
};

} // namespace dibs::history
