#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "database/connection.hpp"
#include "history/backfills.hpp"
#include "plugin/version.hpp"

namespace dibs::history {

/// A named step that is done.
struct Step {
    std::string name;
    std::string checksum; ///< of the source that did it
    std::string checksum_algorithm;
    std::string done_at; ///< UTC, ISO 8601
    std::int64_t duration_ms = 0;
};

/// A migration without a transaction that was begun, and is not applied; or whose rollback() was begun, and
/// is applied still.
struct Unfinished {
    std::string recorded;                   ///< the version as the rows have it
    std::optional<plugin::Version> version; ///< nothing when `recorded` is none
    std::string begun_at;                   ///< by the last run; UTC, ISO 8601; empty when unknown
    std::vector<Step> steps;                ///< done, in that order
    /// The run that began it is the last there was, and somebody has the migration lock: it, or its session,
    /// which goes on for a while after the run was killed.
    bool running = false;
    bool backwards = false;          ///< it is the rollback() that was begun
    std::vector<Backfill> backfills; ///< begun and not finished
};

/// `_dibs_steps`, a row for each named step that is done: by it a migration without a transaction goes on
/// where it stopped. Begun and not ended is what the attempts say of such a migration last: a start that no
/// end followed (the run was killed, or lost its connection), or that it was interrupted.
class Steps {
  public:
    struct Tables {
        std::string history; ///< schema.table, quoted, as the others
        std::string attempts;
        std::string steps;
    };

    struct State {
        bool exists = false;
        bool attempts_exist = false;
        bool readable = true; ///< by this role, each that exists
    };

    Steps() = default;
    Steps(Tables tables, State state) : tables_(std::move(tables)), state_(state) {}

    [[nodiscard]] const State& state() const { return state_; }

    /// What makes the table where it is missing; else nothing.
    [[nodiscard]] std::string creation() const;
    void created() { state_ = {true, true, true}; }

    /// Records a step as done; for the simple protocol, in a transaction of its own.
    [[nodiscard]] std::string record(const database::Connection& connection, const plugin::Version& version,
                                     const Step& step, bool backwards) const;
    /// So that the migration begins anew when it is run again, and its rollback() too. Without values, for
    /// the transaction in which its history row goes.
    [[nodiscard]] database::Statement forget(const database::Connection& connection,
                                             const plugin::Version& version) const;

    /// What was done of one migration, and whether it was begun and has not ended: two statements.
    [[nodiscard]] std::vector<database::Statement> look_for(const plugin::Version& version,
                                                            bool backwards) const;
    [[nodiscard]] Unfinished found(std::span<const database::Result> results) const;

    /// The same for all that are not applied, and for all rollbacks, in two statements for the simple
    /// protocol; nothing where there is no table, or this role may not read it.
    /// @param lock an expression: whether somebody has the migration lock
    [[nodiscard]] std::string look_for_all(const std::string& lock) const;
    [[nodiscard]] std::vector<Unfinished> all_found(std::span<const database::Result> results) const;

  private:
    Tables tables_;
    State state_;
};

} // namespace dibs::history
