#include "migration/transaction_session.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

#include <fmt/format.h>

#include "migration/hints.hpp"
#include "migration/transaction_end.hpp"
#include "report/text.hpp"

namespace dibs::migration {
namespace {

using database::Outcome;
using database::Statement;
using database::TransactionStatus;
using worker::Call;
using worker::CallError;
using worker::CallFailure;
using worker::SavepointAction;

/// With the letters A-Z in place of a-z.
std::string in_capitals(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    return text;
}

/// Whether these statements could end the transaction that they run in, or prepare to do so in part.
bool may_end_transaction(const std::string& sql) {
    static constexpr std::array<std::string_view, 6> words{"COMMIT", "END",     "ROLLBACK",
                                                           "ABORT",  "PREPARE", "SAVEPOINT"};
    const std::string text = in_capitals(sql);
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

const char* const ended_message =
    "the migration ended its own transaction (COMMIT, ROLLBACK or PREPARE TRANSACTION in its SQL)";
const char* const in_failed = "none"; ///< in place of the transaction's id
const char* const ended_hint =
    "Leave BEGIN, COMMIT and ROLLBACK out: dibs begins the transaction and commits it. For statements that "
    "cannot run in one, say DIBS_MIGRATION(.transaction = false).";

} // namespace

std::vector<Statement> TransactionSession::opening() const {
    // BEGIN comes first: the isolation level cannot be set after a query.
    std::vector<Statement> statements;
    if (!settings_.in_callers_transaction)
        statements.push_back({"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", {}});
    for (Statement& statement : fresh_session())
        statements.push_back(std::move(statement));
    return statements;
}

Outcome TransactionSession::send(const Call& call, bool rows) {
    if (state_ == State::aborted || state_ == State::ended) {
        CallFailure refused = last_failure_;
        refused.hint =
            "A migration cannot go on after a failed statement; put what may fail into ctx.savepoint().";
        throw CallError(std::move(refused));
    }
    const bool may_end_it = may_end_transaction(call.sql);
    if (may_end_it)
        refuse_end(call);
    std::vector<Statement> before;
    if (state_ == State::not_begun)
        before = opening();
    if (may_end_it && could_have_ended_it_.size() < 2)
        could_have_ended_it_.push_back({call.sql, {}, call.file, call.line});
    bool watched = transaction_id_.empty() && may_end_it;
    if (watched && connection_.transaction_status() == TransactionStatus::failed) {
        // No savepoint to go back to, else the id were known: what ends the transaction now ends this one.
        transaction_id_ = in_failed;
        watched = false;
    }
    if (watched)
        before.push_back({"SELECT pg_catalog.pg_current_xact_id()", {}});

    Outcome outcome = send_after(before, call, rows);
    if (outcome.results.size() < before.size()) {
        // The message was refused as a whole, as it is for a syntax error: BEGIN has not run, or not to the
        // end.
        state_ = connection_.transaction_status() == TransactionStatus::idle ? State::aborted : State::open;
        outcome.results.clear();
    } else {
        state_ = State::open;
        if (watched)
            transaction_id_ = outcome.results[before.size() - 1].text(0, 0);
        outcome.results.erase(outcome.results.begin(),
                              outcome.results.begin() + static_cast<std::ptrdiff_t>(before.size()));
    }
    has_committed_ |= std::any_of(outcome.results.begin(), outcome.results.end(), [](const auto& result) {
        return result.tag() == "COMMIT" || result.tag() == "PREPARE TRANSACTION";
    });
    if (outcome.error && outcome.error->sqlstate != "25P02") // in_failed_sql_transaction tells nothing new
        last_failure_ = failure_of(*outcome.error, call);
    if (state_ == State::open)
        notice_end(call);
    return outcome;
}

Outcome TransactionSession::send_after(std::vector<Statement> before, const Call& call, bool rows) {
    if (!call.values.empty() || rows) {
        before.push_back({call.sql, call.values});
        return connection_.pipeline(before);
    }
    const std::string prefix = joined(before);
    Outcome outcome = connection_.script(prefix + call.sql);
    if (outcome.error) {
        const std::size_t before_it = report::characters(prefix); // a role's name may be any text
        if (outcome.error->position > before_it)
            outcome.error->position -= before_it;
    }
    return outcome;
}

void TransactionSession::refuse_end(const Call& call) {
    // Where literals end changes on the way then.
    if (in_capitals(call.sql).find("STANDARD_CONFORMING_STRINGS") != std::string::npos)
        return;
    const std::optional<std::size_t> at = transaction_end(call.sql, connection_.backslash_escapes());
    if (!at)
        return;
    database::Message said;
    said.message = "the SQL would end the migration's own transaction; it was not sent";
    said.hint = ended_hint;
    said.position = report::characters(call.sql.substr(0, *at)) + 1;
    last_failure_ = failure_of(said, call);
    state_ = State::aborted;
    throw CallError(last_failure_);
}

void TransactionSession::notice_end(const Call& call) {
    if (connection_.transaction_status() != TransactionStatus::idle)
        return;
    state_ = State::ended;
    database::Message said;
    said.message = ended_message;
    said.hint = ended_hint;
    last_failure_ = failure_of(said, call);
    throw CallError(last_failure_);
}

CallFailure TransactionSession::end_of_its_own() const {
    database::Message said;
    said.message = ended_message;
    said.hint = ended_hint;
    return failure_of(said, could_have_ended_it_.size() == 1 ? could_have_ended_it_.front() : Call{});
}

std::string TransactionSession::left_behind() {
    if (committed_unrecorded_)
        return "all that it did is committed";
    if (transaction_id_.empty() || connection_.transaction_status() != TransactionStatus::idle)
        return {};
    std::string status = "aborted";
    if (transaction_id_ != in_failed) {
        const Outcome outcome = connection_.script(
            fmt::format("SELECT pg_catalog.pg_xact_status('{0}'::pg_catalog.xid8); SELECT gid FROM "
                        "pg_catalog.pg_prepared_xacts WHERE transaction OPERATOR(pg_catalog.=) "
                        "pg_catalog.xid('{0}'::pg_catalog.xid8)",
                        transaction_id_));
        if (outcome.error)
            return {};
        if (const database::Result& prepared = outcome.results.at(1); prepared.rows() > 0) {
            const std::string name = connection_.quote_literal(prepared.text(0, 0));
            return fmt::format(
                "it prepared its transaction as {0}, which keeps its locks until somebody says "
                "COMMIT PREPARED {0} or ROLLBACK PREPARED {0}",
                name);
        }
        status = outcome.results.at(0).text(0, 0);
    }
    if (status == "committed")
        return "it committed its transaction itself, so what it did before is applied";
    if (status == "aborted")
        return "it rolled its transaction back itself, but what it did after that may be committed";
    return {};
}

void TransactionSession::savepoint(SavepointAction action, const Call& where) {
    Call call = where;
    switch (action) {
    case SavepointAction::open:
        call.sql = "SAVEPOINT dibs_savepoint";
        break;
    case SavepointAction::release:
        call.sql = "RELEASE SAVEPOINT dibs_savepoint";
        break;
    case SavepointAction::roll_back:
        call.sql = "ROLLBACK TO SAVEPOINT dibs_savepoint; RELEASE SAVEPOINT dibs_savepoint";
        break;
    }
    // Savepoints of one name stack ("SAVEPOINT"): the innermost is meant, which is what nesting wants.
    if (const Outcome outcome = send(call, false); outcome.error)
        throw CallError(failure_of(*outcome.error, call));
}

Finish TransactionSession::finish(const Recording& recording) {
    if (state_ == State::ended)
        return {last_failure_, true, false};
    if (state_ == State::aborted || connection_.transaction_status() == TransactionStatus::failed) {
        CallFailure caught = last_failure_;
        caught.hint = "It caught this error and returned, but the transaction could not go on. Let "
                      "the error out, "
                      "or put the statement into ctx.savepoint().";
        return {std::move(caught), !abandon(), false};
    }
    connection_.set_client_encoding();
    std::vector<Statement> statements;
    if (state_ == State::not_begun)
        statements = opening();
    RecordMessage record = record_message(recording, transaction_id_);
    const std::size_t record_at = statements.size() + record.first;
    const std::size_t lock_at = statements.size() + record.lock;
    std::move(record.statements.begin(), record.statements.end(), std::back_inserter(statements));
    const std::size_t recorded = statements.size();
    if (settings_.in_callers_transaction) {
        // What COMMIT would check is checked, and the constraints are deferred again for those that follow.
        for (const char* const sql : {"SAVEPOINT dibs_commit", "SET CONSTRAINTS ALL IMMEDIATE",
                                      "ROLLBACK TO SAVEPOINT dibs_commit", "RELEASE SAVEPOINT dibs_commit"})
            statements.push_back({sql, {}});
    } else {
        statements.push_back({"COMMIT", {}});
    }

    const LongStatement while_it_commits = watched("COMMIT");
    const Outcome outcome = connection_.script(joined(statements));
    Finish finish;
    if (!outcome.error) {
        const std::string_view tag = outcome.results.back().tag();
        if (outcome.results[lock_at].rows() == 0) { // a trigger on the history, made in this run
            finish.failure = recording.not_done;
            finish.failure->hint = "Drop that trigger. What the migration did is committed: `dibs baseline` "
                                   "records it without running it again.";
            finish.partly_applied = true;
            committed_unrecorded_ = true;
            return finish;
        }
        finish.lock_lost = !has_lock(outcome.results[lock_at]);
        if (!settings_.in_callers_transaction && tag != "COMMIT")
            finish.failure.emplace().message = fmt::format("COMMIT was answered with {}", tag);
        return finish;
    }
    finish.failure = failure_of(*outcome.error, {});
    finish.partly_applied = has_committed_;
    if (outcome.results.size() == record_at && outcome.error->sqlstate == "23502" &&
        (outcome.error->column == "version" || outcome.error->column == "run")) { // by design
        finish.failure = end_of_its_own();
        finish.partly_applied = true;
    } else if (outcome.results.size() >= recorded) {
        finish.failure->message = "at COMMIT: " + finish.failure->message;
    } else if (outcome.results.size() >= record_at) {
        finish.failure = not_recorded(*outcome.error, recording);
    }
    if (connection_.transaction_status() != TransactionStatus::idle)
        std::ignore = connection_.script("ROLLBACK");
    return finish;
}

bool TransactionSession::abandon() {
    if (connection_.transaction_status() != TransactionStatus::idle && !settings_.in_callers_transaction)
        std::ignore = connection_.script("ROLLBACK");
    return state_ != State::ended && !has_committed_;
}

bool TransactionSession::begin_step(const std::string& name, const Call& where) {
    refuse(fmt::format(
               "the step \"{}\" is in a migration that runs in a transaction: that is done as a whole, or "
               "not at all",
               report::harmless(name)),
           "Leave ctx.step() out, or say DIBS_MIGRATION(.transaction = false).", where);
}

void TransactionSession::end_step(bool, const Call&) {} // none begins

std::uint64_t TransactionSession::backfill(const worker::BackfillDefinition&, const Call& where) {
    refuse(
        "a backfill commits each of its batches, and this migration runs in a transaction, which would keep "
        "every row locked to its end",
        "Put it into a migration of its own that says DIBS_MIGRATION(.transaction = false).", where);
}

void TransactionSession::begin_batches(const worker::BackfillDefinition& what, const Call& where) {
    backfill(what, where);
}

// None begins.
std::optional<worker::Batch> TransactionSession::next_batch(const Call&) {
    return std::nullopt;
}

bool TransactionSession::end_batch(bool, const std::string&, const Call&) {
    return false;
}

std::uint64_t TransactionSession::end_batches(const Call&) {
    return 0;
}

void TransactionSession::create_index(const worker::IndexDefinition&, const Call& where) {
    refuse("an index cannot be built concurrently in a transaction, and this migration runs in one",
           "Put it into a migration of its own that says DIBS_MIGRATION(.transaction = false).", where);
}

void TransactionSession::drop_index(const worker::IndexRemoval&, const Call& where) {
    refuse("an index cannot be dropped concurrently in a transaction, and this migration runs in one",
           "Put it into a migration of its own that says DIBS_MIGRATION(.transaction = false).", where);
}

} // namespace dibs::migration
