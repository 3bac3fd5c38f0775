#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "history/history.hpp"
#include "migration/backfill/backfill.hpp"
#include "migration/connection_session.hpp"
#include "migration/step_log.hpp"
#include "plugin/version.hpp"

namespace dibs::migration {

class ConcurrentIndex;

/// What a migration without a transaction needs to go on where an earlier run stopped.
struct Resumption {
    const history::Steps& steps;
    const history::Backfills& backfills;
    std::string run;
    std::chrono::milliseconds batch_lock_timeout{0}; ///< of a backfill, where the migration names none
    plugin::Version version;
    std::string checksum; ///< of its source
    history::Unfinished earlier;
    bool backwards = false; ///< it is rollback() that runs
};

/// A migration without a transaction: each call commits by itself. Its named steps are recorded when they are
/// done.
class AutocommitSession final : public ConnectionSession {
  public:
    AutocommitSession(database::Connection& connection, const history::Lock& lock, Watch& watch,
                      SessionSettings settings, std::string version, report::Events& events,
                      Resumption resumption);

    void savepoint(worker::SavepointAction action, const worker::Call& where) override;
    std::uint64_t backfill(const worker::BackfillDefinition& what, const worker::Call& where) override;
    void begin_batches(const worker::BackfillDefinition& what, const worker::Call& where) override;
    std::optional<worker::Batch> next_batch(const worker::Call& where) override;
    bool end_batch(bool done, const std::string& sqlstate, const worker::Call& where) override;
    std::uint64_t end_batches(const worker::Call& where) override;
    bool begin_step(const std::string& name, const worker::Call& where) override;
    void end_step(bool done, const worker::Call& where) override;
    void create_index(const worker::IndexDefinition& index, const worker::Call& where) override;
    void drop_index(const worker::IndexRemoval& index, const worker::Call& where) override;
    Finish finish(const Recording& recording) override;
    bool abandon() override;
    [[nodiscard]] const StepLog& steps() const override { return log_; }
    [[nodiscard]] bool has_backfills() const override { return !backfills_.empty(); }

  private:
    database::Outcome send(const worker::Call& call, bool rows) override;
    /// Undoes once what a migration before has left in the session.
    void freshen();
    /// Rolls back a transaction that the migration has begun and not ended. @return what is to be said of it
    std::optional<worker::CallFailure> open_transaction(const std::string& whose, const worker::Call& where);
    void record(const std::string& step, const worker::Call& where);
    void begin_backfill(worker::BackfillDefinition what, bool by_callback, const worker::Call& where);
    void refuse_in_batch(std::string_view what, const worker::Call& where) const;
    void with_index(const worker::Call& where, const std::function<void(ConcurrentIndex&)>& work);
    [[nodiscard]] bool each_call_commits() const override {
        return connection_.transaction_status() == database::TransactionStatus::idle;
    }
    [[nodiscard]] bool an_earlier_run_did_something() const;
    [[nodiscard]] bool something_stays() const;

    Resumption resumption_;
    StepLog log_;
    std::chrono::steady_clock::time_point step_begun_;
    std::optional<Backfill> backfill_; ///< that runs
    std::set<std::string> backfills_;  ///< of this migration, by name
    std::int64_t batch_rows_ = 0;      ///< affected in the batch that runs
    bool fresh_ = false;               ///< the session's state before was undone
    bool sent_ = false;                ///< something was, so something may stay
};

} // namespace dibs::migration
