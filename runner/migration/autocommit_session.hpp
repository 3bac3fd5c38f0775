#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "history/history.hpp"
#include "migration/connection_session.hpp"
#include "migration/step_log.hpp"
#include "plugin/version.hpp"

namespace dibs::migration {

class ConcurrentIndex;

/// What a migration without a transaction needs to go on where an earlier run stopped.
struct Resumption {
    const history::Steps& steps;
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
    bool begin_step(const std::string& name, const worker::Call& where) override;
    void end_step(bool done, const worker::Call& where) override;
    void create_index(const worker::IndexDefinition& index, const worker::Call& where) override;
    void drop_index(const worker::IndexRemoval& index, const worker::Call& where) override;
    Finish finish(const Recording& recording) override;
    bool abandon() override;
    [[nodiscard]] const StepLog& steps() const override { return log_; }

  private:
    database::Outcome send(const worker::Call& call, bool rows) override;
    /// Undoes once what a migration before has left in the session.
    void freshen();
    /// Rolls back a transaction that the migration has begun and not ended. @return what is to be said of it
    std::optional<worker::CallFailure> open_transaction(const std::string& whose, const worker::Call& where);
    void record(const std::string& step, const worker::Call& where);
    void with_index(const worker::Call& where, const std::function<void(ConcurrentIndex&)>& work);
    [[nodiscard]] bool an_earlier_run_did_something() const;
    [[nodiscard]] bool something_stays() const;

    Resumption resumption_;
    StepLog log_;
    std::chrono::steady_clock::time_point step_begun_;
    bool fresh_ = false; ///< the session's state before was undone
    bool sent_ = false;  ///< something was, so something may stay
};

} // namespace dibs::migration
