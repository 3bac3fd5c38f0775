#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "database/connection.hpp"
#include "history/session.hpp"
#include "history/steps.hpp"
#include "plugin/version.hpp"

namespace dibs::history {

/// One row: a migration that was applied.
struct Applied {
    std::string recorded; ///< the version as the row has it
    std::optional<plugin::Version>
        version;          ///< nothing when `recorded` is no version that dibs or the Rust dibs writes
    std::string checksum; ///< empty when unknown (a row of the Rust dibs)
    std::string checksum_algorithm;
    std::string applied_at; ///< UTC, ISO 8601
    std::optional<std::int64_t> duration_ms;
    std::string applied_by;
    bool out_of_order = false;
    std::string state;
};

/// What is recorded when a migration is done.
struct Record {
    plugin::Version version;
    std::string checksum;
    std::string checksum_algorithm;
    std::int64_t duration_ms = 0;
    bool out_of_order = false;
    std::string description;
};

/// What `_dibs_attempts` is told; append-only.
struct Attempt {
    std::string event;   ///< start, applied, failed, retried, interrupted
    std::string version; ///< empty for the run as a whole
    std::optional<std::int64_t> duration_ms;
    std::string sqlstate;
    std::string message; ///< redacted by the caller
};

/// All that the history says of what was done.
struct Contents {
    std::vector<Applied> applied;
    std::vector<Unfinished> unfinished;
    bool knows_unfinished = true; ///< false: this role may not read those tables
};

/// The meta tables of one database: `_dibs_migrations`, a row for each applied migration, `_dibs_attempts`, a
/// row for everything tried, and `_dibs_steps`. docs/history.md describes them. All SQL names schema and
/// catalog.
class History {
  public:
    /// Decides from the facts where the history is, and whether what stands there is one.
    /// @throws report::Failure: a relation of another kind or shape, a history in another schema, no schema
    /// to use
    History(const database::Connection& connection, const Location& location, const Facts& facts);

    [[nodiscard]] bool exists() const { return exists_; }
    [[nodiscard]] const std::string& name() const { return name_; } ///< schema.table, quoted

    /// The rows in order of their text; none when there is no table. Writes nothing.
    /// @throws report::Failure when the server refuses
    [[nodiscard]] std::vector<Applied> read(database::Connection& connection) const;
    /// The same and what was begun and did not end, in one round trip as well.
    [[nodiscard]] Contents read_all(database::Connection& connection) const;

    /// Makes the tables, or brings those of an older layout up to date with their rows kept, and notes the
    /// start of a run. One round trip, in the transaction that is open, or in one of its own. The lock must
    /// be held.
    /// @throws report::Failure when the server refuses; a transaction of the caller's is failed then
    /// @param lock_timeout 0 waits for ever
    void prepare(database::Connection& connection, const std::string& run,
                 std::chrono::milliseconds lock_timeout);

    /// Notes the start of a migration without a transaction, so that one that never ends is known all the
    /// same. One round trip, with the session's own rights.
    /// @return what earlier runs have done of it
    /// @throws report::Failure when the server refuses
    [[nodiscard]] Unfinished begin(database::Connection& connection, const plugin::Version& version,
                                   const std::string& run) const;

    /// The statements that record a migration, and the attempt's end with it; they have no values. Run in the
    /// migration's own transaction they raise not_null_violation on `version` unless that transaction's id is
    /// `transaction_id`, when one is given: then the migration has ended its transaction and begun another.
    /// And on `event` when the row did not get into the history as it is: a trigger kept it out or changed
    /// it.
    ///
    /// Literals, for the simple protocol: with parameters, recording cost 0.1 ms more (bench/).
    [[nodiscard]] std::vector<database::Statement> record(const database::Connection& connection,
                                                          const Record& record, const std::string& run,
                                                          const std::string& transaction_id) const;
    [[nodiscard]] database::Statement attempt(const Attempt& attempt, const std::string& run) const;

    [[nodiscard]] const Steps& steps() const { return steps_; }

    /// What the advisory lock's key is made from.
    [[nodiscard]] std::string lock_name(const database::Connection& connection) const;

  private:
    /// @param more statements behind the one that reads the rows
    /// @return its result, and theirs
    [[nodiscard]] std::vector<database::Result> read_rows(database::Connection& connection,
                                                          const std::string& more) const;

    std::string schema_;
    std::string table_;
    std::string name_;
    std::string attempts_;
    std::string quoted_schema_;
    Steps steps_;
    std::vector<std::string> columns_;
    bool exists_ = false;
    bool attempts_exist_ = false;
    bool rewritten_ = false; ///< a trigger or rule may do something else to what is inserted
    bool schema_exists_ = true;
};

} // namespace dibs::history
