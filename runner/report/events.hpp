#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dibs::report {

/// A migration that failed, with everything a person needs to understand it. Empty texts and zeros are
/// unknown.
struct MigrationFailure {
    std::string version;
    bool backwards = false; ///< its rollback() failed, not its migrate()
    std::string what; ///< what kind of end it was, when it was not a failed statement: an exception, a crash
    std::string message;
    std::string sqlstate;
    std::string detail;
    std::string hint;
    std::string context;
    std::string sql;
    std::string file; ///< the migration's source
    std::uint32_t line = 0;
    std::uint32_t position = 0;          ///< in sql, in characters from 1
    std::uint32_t statement = 0;         ///< of several in sql, from 1
    std::string step;                    ///< the named step that it was in
    std::vector<std::string> steps_done; ///< by this run and those before it
    std::string outcome;                 ///< what became of the transaction
    std::vector<std::string> blocked_by; ///< sessions that were in the way, described
};

/// How far a backfill is.
struct BackfillProgress {
    std::string name;
    std::string table;                  ///< schema.table, as SQL has it
    std::int64_t rows = 0;              ///< changed, by earlier runs too
    std::optional<int> percent;         ///< of the table; nothing: unknown
    double rows_per_second = 0;         ///< walked in this run
    std::int64_t batch_size = 0;        ///< rows of the table
    std::optional<std::int64_t> left_s; ///< at this pace; nothing: unknown
    int pass = 1;
    std::string waits; ///< why it waits; empty: it does not
    bool finished = false;
};

/// For people, on one line.
std::string described(const BackfillProgress& progress);

/// What happens while migrations run, as it happens. Implemented by what writes for people and by what writes
/// JSON.
class Events {
  public:
    virtual ~Events() = default;
    virtual void waiting_for_lock(std::string_view holder) = 0;
    virtual void started(std::string_view version, std::size_t number, std::size_t total) = 0;
    virtual void log(std::string_view version, std::string_view text) = 0;
    virtual void notice(std::string_view severity, std::string_view text) = 0; ///< the server's
    virtual void output(std::string_view line) = 0; ///< a line that a migration printed
    /// A migration did not get its locks, and will be run again. @param text why, and when
    virtual void retrying(std::string_view version, std::string_view text) = 0;
    /// What else is worth knowing of a migration that runs: what it waits for, whom it has kept waiting.
    virtual void remark(std::string_view version, std::string_view text) = 0;
    virtual void step_done(std::string_view version, std::string_view step,
                           std::chrono::microseconds took) = 0;
    /// @param done_at by an earlier run: UTC, ISO 8601
    virtual void step_passed_over(std::string_view version, std::string_view step,
                                  std::string_view done_at) = 0;
    /// How far something long is; told again and again, so most of it may be left out.
    virtual void progress(std::string_view version, std::string_view text) = 0;
    virtual void backfill(std::string_view version, const BackfillProgress& progress) = 0;
    virtual void applied(std::string_view version, std::chrono::microseconds took) = 0;
    virtual void rolled_back(std::string_view version, std::chrono::microseconds took) = 0;
    virtual void failed(const MigrationFailure& failure) = 0;
};

} // namespace dibs::report
