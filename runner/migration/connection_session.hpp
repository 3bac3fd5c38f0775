#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "database/connection.hpp"
#include "history/history.hpp"
#include "history/lock.hpp"
#include "migration/copies.hpp"
#include "migration/long_statement.hpp"
#include "migration/step_log.hpp"
#include "migration/streams.hpp"
#include "migration/watch.hpp"
#include "report/events.hpp"
#include "worker/session.hpp"

namespace dibs::migration {

/// How a migration's session begins.
struct SessionSettings {
    std::chrono::milliseconds lock_timeout{0}; ///< 0 waits for ever
    bool after_another =
        false;        ///< another migration ran on this connection: undo what it left in the session
    std::string role; ///< to be set; empty: none
    std::vector<std::string> given_by_reset; ///< History::given_by_reset()
    std::string session_user;                ///< History::session_user()
    bool in_callers_transaction = false;     ///< a transaction is open, and the caller will end it
    history::Backfills backfills;
};

/// How the history is told that a migration is done.
struct Recording {
    /// What tells it; History::record() and History::take_back() say what `transaction_id` does. The first
    /// statement gives what `returned` says, which is empty unless `returns`.
    std::function<std::vector<database::Statement>(const std::string& transaction_id,
                                                   const std::string& returned)>
        statements;
    bool returns = false;
    worker::CallFailure not_done; ///< when it raises not_null_violation on `event`
};

/// What became of a migration when it was to be recorded.
struct Finish {
    std::optional<worker::CallFailure> failure; ///< nothing: it is recorded and committed
    bool partly_applied = false;                ///< not recorded, and yet something of it is committed
    bool lock_lost = false;                     ///< recorded, but another session has the migration lock now
};

/// A Session on a connection: sends the calls and turns the server's words into failures. While it lives,
/// nothing else uses the connection. Throws database::ConnectionLost besides CallError.
class ConnectionSession : public worker::Session {
  public:
    ConnectionSession(database::Connection& connection, const history::Lock& lock, Watch& watch,
                      SessionSettings settings, std::string version, report::Events& events);

    std::uint64_t execute(const worker::Call& call) final;
    worker::Table query(const worker::Call& call) final;
    void require_backfill(const std::string& name, const worker::Call& where) final;
    void log(std::string_view text) final { events_.log(version_, text); }
    std::string type_name(std::uint32_t type) final;
    int server_version() final { return connection_.server_version(); }
    std::uint64_t open_stream(const worker::Call& call) final;
    worker::FetchedRows fetch(std::uint64_t stream) final;
    void close_stream(std::uint64_t stream) final;
    void begin_copy(const worker::CopyTarget& target, const worker::Call& where) final;
    std::uint64_t copy_rows(const std::string& rows, std::uint64_t count) final;
    void end_copy(bool done) final;

    /// Records the migration and commits it; what cannot be committed is rolled back.
    virtual Finish finish(const Recording& recording) = 0;
    /// Rolls back. @return false when something of the migration is committed all the same
    virtual bool abandon() = 0;
    /// What became of a transaction that the migration has ended itself, for people; empty where nobody
    /// knows.
    [[nodiscard]] virtual std::string left_behind() { return {}; }

    /// The named steps; none in a migration with a transaction.
    [[nodiscard]] virtual const StepLog& steps() const;
    /// Whether it has begun a backfill, which goes on where it is when the migration runs again.
    [[nodiscard]] virtual bool has_backfills() const { return false; }

    /// The call that was sent last, for the report of a crash.
    [[nodiscard]] const worker::Call& last_call() const { return last_call_; }

  protected:
    /// Sends a call. @param rows one statement that gives rows is wanted
    virtual database::Outcome send(const worker::Call& call, bool rows) = 0;

    /// Whether what is sent now commits by itself.
    [[nodiscard]] virtual bool each_call_commits() const = 0;
    /// Of a call that was sent in other words: this is what the migration is told.
    virtual void failed(const worker::CallFailure&) {}

    /// Brings a session that a migration has used back to where a new one is, and puts dibs's own settings in
    /// force.
    [[nodiscard]] std::vector<database::Statement> fresh_session() const;
    /// With the rights that the session began with.
    [[nodiscard]] std::vector<database::Statement> own_rights() const;
    /// What records the migration, whatever it has set: with dibs's own rights, and under the lock.
    struct RecordMessage {
        std::vector<database::Statement> statements;
        std::size_t lock = 0;  ///< whose result tells of the lock: has_lock()
        std::size_t first = 0; ///< of those that record
    };
    [[nodiscard]] RecordMessage record_message(const Recording& recording,
                                               const std::string& transaction_id) const;
    [[nodiscard]] static bool has_lock(const database::Result& answer);
    /// For the simple protocol; the statements have no values.
    [[nodiscard]] static std::string joined(const std::vector<database::Statement>& statements);

    /// Throws an error of dibs's own.
    [[noreturn]] static void refuse(std::string reason, std::string hint, const worker::Call& where);
    /// Why the server refused to record.
    [[nodiscard]] static worker::CallFailure not_recorded(const database::Message& said,
                                                          const Recording& recording);

    /// Around what is sent for the migration. @param what for people: "COMMIT"
    [[nodiscard]] LongStatement watched(std::string what);
    void note_call(const worker::Call& call) { last_call_ = call; }

    database::Connection& connection_;
    SessionSettings settings_;
    const history::Lock& lock_;
    Watch& watch_;
    std::string version_;
    report::Events& events_;

  private:
    /// Nothing for SQL without a statement.
    std::optional<database::Result> last_result(const worker::Call& call, bool rows);
    /// Sends one statement of dibs's own on behalf of a call: see Streams::Send.
    std::optional<database::Result> send_for(const worker::Call& call, std::string sql,
                                             std::optional<std::size_t> prefix);

    worker::Call last_call_;
    Streams streams_{[this](const worker::Call& call, std::string sql, std::optional<std::size_t> prefix) {
        return send_for(call, std::move(sql), prefix);
    }};
    Copies copies_{connection_, [this](const worker::Call& call) { return last_result(call, false); }};
};

} // namespace dibs::migration
