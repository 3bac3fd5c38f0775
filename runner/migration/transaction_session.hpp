#pragma once

#include "migration/connection_session.hpp"

namespace dibs::migration {

/// A migration in a transaction of its own. BEGIN travels with the first statement, the history row with
/// COMMIT: one statement costs two round trips.
///
/// What the migration sends may end the transaction (COMMIT in its SQL). What does so as it is written is
/// refused before it is sent; the rest is seen by the status after each call, and, when another was begun at
/// once, by the transaction's id: it is noted before the first SQL that has a word in it which could do this,
/// and the history row's own statement compares. Nothing is recorded then. (A procedure or a DO block cannot
/// end a transaction that BEGIN has begun.) When it fails after that, the tags of its statements tell that
/// something of it is committed.
class TransactionSession final : public ConnectionSession {
  public:
    using ConnectionSession::ConnectionSession;

    void savepoint(worker::SavepointAction action, const worker::Call& where) override;
    [[noreturn]] bool begin_step(const std::string& name, const worker::Call& where) override;
    void end_step(bool done, const worker::Call& where) override;
    [[noreturn]] std::uint64_t backfill(const worker::BackfillDefinition& what,
                                        const worker::Call& where) override;
    [[noreturn]] void begin_batches(const worker::BackfillDefinition& what,
                                    const worker::Call& where) override;
    std::optional<worker::Batch> next_batch(const worker::Call& where) override;
    bool end_batch(bool done, const std::string& sqlstate, const worker::Call& where) override;
    std::uint64_t end_batches(const worker::Call& where) override;
    [[noreturn]] void create_index(const worker::IndexDefinition& index, const worker::Call& where) override;
    [[noreturn]] void drop_index(const worker::IndexRemoval& index, const worker::Call& where) override;
    Finish finish(const Recording& recording) override;
    bool abandon() override;
    [[nodiscard]] std::string left_behind() override;

  private:
    enum class State {
        not_begun, ///< nothing was sent yet
        open,
        aborted, ///< the server refused the very message that BEGIN was in, so that there is no transaction
                 ///< to roll back; or dibs refused one
        ended,   ///< by the migration's own SQL
    };

    database::Outcome send(const worker::Call& call, bool rows) override;
    database::Outcome send_after(std::vector<database::Statement> before, const worker::Call& call,
                                 bool rows);
    [[nodiscard]] std::vector<database::Statement> opening() const;
    /// Nothing is sent that plainly ends the transaction.
    void refuse_end(const worker::Call& call);
    void notice_end(const worker::Call& call);
    /// That it has ended its transaction, with the call that did so where that is the only one that could
    /// have.
    [[nodiscard]] worker::CallFailure end_of_its_own() const;
    [[nodiscard]] bool each_call_commits() const override { return false; }
    void failed(const worker::CallFailure& failure) override { last_failure_ = failure; }

    State state_ = State::not_begun;
    std::string transaction_id_; ///< empty: nothing that could have ended it was sent
    std::vector<worker::Call> could_have_ended_it_;
    bool committed_unrecorded_ = false; ///< a trigger kept the row out of the history
    bool has_committed_ = false;        ///< by its own SQL, whatever it began then
    worker::CallFailure last_failure_;  ///< why the transaction is aborted
};

} // namespace dibs::migration
