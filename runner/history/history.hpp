#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/connection.hpp"
#include "history/backfills.hpp"
#include "history/session.hpp"
#include "history/steps.hpp"
#include "plugin/version.hpp"

namespace dibs::history {

// How a row came to stand for a migration that is applied.
inline constexpr std::string_view was_applied = "applied";
inline constexpr std::string_view was_baselined = "baseline"; ///< it was there before; dibs did not run it
inline constexpr std::string_view was_retired = "retired";    ///< and its library is gone for good

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
    std::string state; ///< was_...
};

/// What is recorded when a migration is done.
struct Record {
    plugin::Version version;
    std::string checksum;
    std::string checksum_algorithm;
    std::string source; ///< that was built, as kept_source() gives it
    std::optional<std::int64_t> duration_ms;
    bool out_of_order = false;
    std::string description;
    std::string_view state = was_applied; ///< or was_baselined, which is the attempt's event as well
};

inline constexpr std::size_t largest_source = 1 << 20; ///< bytes; one is usually below a thousandth of it

/// A source as the history keeps it: the expression for Record::source. Of one above `largest_source`, NULL.
/// @param redacted by the caller
std::string kept_source(const database::Connection& connection, const std::string& redacted);

/// What `_dibs_attempts` is told; append-only.
struct Attempt {
    std::string event;   ///< start, applied, failed, retried, interrupted, rolled back, repaired, baseline
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

/// A row of `_dibs_attempts`.
struct Noted {
    Attempt attempt;
    std::string run; ///< what the attempts of one run have in common
    std::string at;  ///< UTC, ISO 8601
    std::string by;  ///< the session's user
    std::string runner_version;
};

/// The meta tables of one database: `_dibs_migrations`, a row for each applied migration, `_dibs_attempts`, a
/// row for everything tried, `_dibs_steps` and `_dibs_backfills`. docs/history.md describes them. All SQL
/// names schema and catalog.
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

    /// The sources that these rows keep, by the version as the row has it; of rows that keep none, nothing.
    /// @throws report::Failure when the server refuses
    [[nodiscard]] std::map<std::string, std::string>
    read_sources(database::Connection& connection, const std::vector<std::string>& recorded) const;

    /// The versions as the rows have them, the one that was applied last first.
    /// @throws report::Failure when the server refuses
    [[nodiscard]] std::vector<std::string> newest_first(database::Connection& connection) const;

    /// The last so many attempts, or all; the oldest first. @throws report::Failure when the server refuses
    [[nodiscard]] std::vector<Noted> read_attempts(database::Connection& connection,
                                                   std::optional<std::size_t> last) const;

    /// Makes the tables, or brings those of an older layout up to date with their rows kept, and notes the
    /// start of a run. One round trip, in the transaction that is open, or in one of its own. The lock must
    /// be held.
    /// @throws report::Failure when the server refuses; a transaction of the caller's is failed then
    /// @param lock_timeout 0 waits for ever
    void prepare(database::Connection& connection, const std::string& run,
                 std::chrono::milliseconds lock_timeout);

    /// Of dibs's own settings those that RESET ALL gave by itself when prepare() looked: session_settings().
    [[nodiscard]] const std::vector<std::string>& given_by_reset() const { return given_by_reset_; }

    /// Whom the session belongs to, for Connection::is_still(); empty behind a pooler.
    [[nodiscard]] const std::string& session_user() const { return session_user_; }

    /// Notes the start of a migration without a transaction, or of its rollback(), so that one that never
    /// ends is known all the same. One round trip, with the session's own rights.
    /// @return what earlier runs have done of it
    /// @throws report::Failure when the server refuses
    [[nodiscard]] Unfinished begin(database::Connection& connection, const plugin::Version& version,
                                   const std::string& run, bool backwards) const;

    /// The statements that record a migration, and the attempt's end with it; they have no values. Run in the
    /// migration's own transaction they raise not_null_violation on `version` unless that transaction's id is
    /// `transaction_id`, when one is given: then the migration has ended its transaction and begun another.
    /// And on `event` when the row did not get into the history as it is: a trigger kept it out or changed
    /// it.
    ///
    /// Literals, for the simple protocol: with parameters, recording cost 0.1 ms more (bench/).
    /// @param returned an expression that the first statement is to return, or empty; only where
    ///        record_returns()
    [[nodiscard]] std::vector<database::Statement> record(const database::Connection& connection,
                                                          const Record& record, const std::string& run,
                                                          const std::string& transaction_id,
                                                          const std::string& returned) const;
    /// No trigger or rule comes between what is inserted and the row.
    [[nodiscard]] bool record_returns() const { return !rewritten_; }
    [[nodiscard]] database::Statement attempt(const Attempt& attempt, const std::string& run) const;

    [[nodiscard]] const Steps& steps() const { return steps_; }
    [[nodiscard]] const Backfills& backfills() const { return backfills_; }
    /// The statement that takes a row back, and notes it as `rolled back`. It raises not_null_violation on
    /// `run` unless the transaction's id is `transaction_id`, when one is given, and on `event` when the row
    /// is not there (any more).
    [[nodiscard]] database::Statement take_back(const database::Connection& connection, const Applied& row,
                                                std::int64_t duration_ms, const std::string& run,
                                                const std::string& transaction_id) const;

    /// The statements that let a row stand for what is here now, noted as `repaired`: with this source, or,
    /// of a migration that has no library any more, as retired. They raise not_null_violation on `event` when
    /// the row is not there.
    [[nodiscard]] database::Statement accept(const database::Connection& connection, const Applied& row,
                                             const Record& built, const std::string& message,
                                             const std::string& run) const;
    [[nodiscard]] database::Statement retire(const database::Connection& connection, const Applied& row,
                                             const std::string& message, const std::string& run) const;

    /// Takes out a row of which another one tells the same; noted as `repaired`.
    [[nodiscard]] database::Statement remove(const database::Connection& connection, const Applied& row,
                                             const std::string& message, const std::string& run) const;

    /// Does all of these in one transaction, after what prepare() does. The lock must be held.
    /// @throws report::Failure when the server refuses; nothing was done then
    void write(database::Connection& connection, const std::vector<database::Statement>& statements,
               const std::string& run, std::chrono::milliseconds lock_timeout);

    /// What the advisory lock's key is made from.
    [[nodiscard]] std::string lock_name(const database::Connection& connection) const;

  private:
    [[nodiscard]] std::string select_rows() const;
    [[nodiscard]] bool has_column(std::string_view name) const;
    /// Changes a row, and notes the attempt, whose event is null unless there was one to change.
    /// @param change without RETURNING
    /// @param run an expression
    [[nodiscard]] database::Statement changed_row(const database::Connection& connection,
                                                  const std::string& change, const Attempt& attempt,
                                                  const std::string& run) const;

    std::string schema_;
    std::string table_;
    std::string name_;
    std::string attempts_;
    std::string quoted_schema_;
    Steps steps_;
    Backfills backfills_;
    std::vector<std::string> columns_;
    bool exists_ = false;
    bool attempts_exist_ = false;
    std::vector<std::string> given_by_reset_;
    std::string session_user_;
    bool rewritten_ = false; ///< a trigger or rule may do something else to what is inserted
    bool schema_exists_ = true;
};

} // namespace dibs::history
