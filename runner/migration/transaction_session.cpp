#include "migration/transaction_session.hpp"

#include <tuple>

#include <fmt/format.h>

namespace dibs::migration {
namespace {

using database::Outcome;
using database::Statement;
using database::TransactionStatus;
using worker::Call;
using worker::CallError;
using worker::CallFailure;
using worker::SavepointAction;

std::string joined(const std::vector<std::string>& statements) {
    std::string script;
    for (const std::string& statement : statements)
        script += statement + "; ";
    return script;
}

std::vector<Statement> as_statements(std::vector<std::string> sql) {
    std::vector<Statement> statements;
    for (std::string& each : sql)
        statements.push_back({std::move(each), {}});
    return statements;
}

const char* const ended_message =
    "the migration ended its own transaction (COMMIT, ROLLBACK or PREPARE TRANSACTION in its SQL)";
const char* const ended_hint =
    "Leave BEGIN, COMMIT and ROLLBACK to dibs; for statements that cannot run in a "
    "transaction say DIBS_MIGRATION(.transaction = false).";

} // namespace

std::vector<std::string> TransactionSession::opening() const {
    // BEGIN comes first: the isolation level cannot be set after a query.
    std::vector<std::string> statements;
    if (!settings_.in_callers_transaction)
        statements.emplace_back("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE");
    for (std::string& statement : fresh_session())
        statements.push_back(std::move(statement));
    statements.emplace_back("SELECT pg_catalog.pg_current_xact_id()");
    return statements;
}

Outcome TransactionSession::send_first(const Call& call, bool rows) {
    std::vector<std::string> before = opening();
    const std::size_t count = before.size();
    Outcome outcome;
    if (call.values.empty() && !rows) {
        const std::string prefix = joined(before);
        outcome = connection_.script(prefix + call.sql);
        if (outcome.error && outcome.error->position > prefix.size())
            outcome.error->position -= prefix.size(); // the prefix is ASCII: characters are bytes
    } else {
        std::vector<Statement> statements = as_statements(std::move(before));
        statements.push_back({call.sql, call.values});
        outcome = connection_.pipeline(statements);
    }
    if (outcome.results.size() < count) {
        // The message was refused as a whole, as it is for a syntax error: BEGIN has not run, or not to the
        // end.
        state_ = connection_.transaction_status() == TransactionStatus::idle ? State::aborted : State::open;
        outcome.results.clear();
        return outcome;
    }
    state_ = State::open;
    transaction_id_ = outcome.results[count - 1].text(0, 0);
    outcome.results.erase(outcome.results.begin(),
                          outcome.results.begin() + static_cast<std::ptrdiff_t>(count));
    return outcome;
}

Outcome TransactionSession::send(const Call& call, bool rows) {
    if (state_ == State::aborted || state_ == State::ended) {
        CallFailure refused = last_failure_;
        refused.hint =
            "A migration cannot go on after a failed statement; put what may fail into ctx.savepoint().";
        throw CallError(std::move(refused));
    }
    Outcome outcome;
    if (state_ == State::not_begun) {
        outcome = send_first(call, rows);
    } else if (call.values.empty() && !rows) {
        outcome = connection_.script(call.sql);
    } else {
        const Statement statement{call.sql, call.values};
        outcome = connection_.pipeline({&statement, 1});
    }
    if (outcome.error && outcome.error->sqlstate != "25P02") // in_failed_sql_transaction tells nothing new
        last_failure_ = failure(*outcome.error, call);
    if (state_ == State::open)
        notice_end(call);
    return outcome;
}

void TransactionSession::notice_end(const Call& call) {
    if (connection_.transaction_status() != TransactionStatus::idle)
        return;
    state_ = State::ended;
    database::Message said;
    said.message = ended_message;
    said.hint = ended_hint;
    last_failure_ = failure(said, call);
    throw CallError(last_failure_);
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
        throw CallError(failure(*outcome.error, call));
}

Finish TransactionSession::finish(const history::History& history, const history::Record& record,
                                  const std::string& run) {
    if (state_ == State::ended)
        return {last_failure_, true};
    if (state_ == State::aborted || connection_.transaction_status() == TransactionStatus::failed) {
        CallFailure caught = last_failure_;
        caught.hint = "migrate() caught this error and returned, but the transaction could not go on. Let "
                      "the error out, "
                      "or put the statement into ctx.savepoint().";
        abandon();
        return {std::move(caught), false};
    }
    std::vector<Statement> statements;
    if (state_ == State::not_begun)
        statements = as_statements(opening());
    for (Statement& statement : as_statements(own_rights()))
        statements.push_back(std::move(statement));
    const std::size_t record_at = statements.size();
    statements.push_back(history.record(record, run, transaction_id_));
    if (settings_.in_callers_transaction) {
        // What COMMIT would check is checked, and the constraints are deferred again for those that follow.
        for (const char* const sql : {"SAVEPOINT dibs_commit", "SET CONSTRAINTS ALL IMMEDIATE",
                                      "ROLLBACK TO SAVEPOINT dibs_commit", "RELEASE SAVEPOINT dibs_commit"})
            statements.push_back({sql, {}});
    } else {
        statements.push_back({"COMMIT", {}});
    }

    const Outcome outcome = connection_.pipeline(statements);
    if (!outcome.error) {
        const std::string_view tag = outcome.results.back().tag();
        if (settings_.in_callers_transaction || tag == "COMMIT")
            return {};
    }
    Finish finish;
    finish.failure.emplace();
    if (!outcome.error) {
        finish.failure->message = fmt::format("COMMIT was answered with {}", outcome.results.back().tag());
        return finish;
    }
    finish.failure = failure(*outcome.error, {});
    if (outcome.results.size() == record_at && outcome.error->sqlstate == "23502" &&
        outcome.error->column == "version") { // not_null_violation: by design
        finish.failure = CallFailure{};
        finish.failure->message = ended_message;
        finish.failure->hint = ended_hint;
        finish.partly_applied = true;
    } else if (outcome.results.size() == record_at) {
        finish.failure = not_recorded(*outcome.error);
    } else if (outcome.results.size() > record_at) {
        finish.failure->message = "at COMMIT: " + finish.failure->message;
    }
    if (connection_.transaction_status() != TransactionStatus::idle)
        std::ignore = connection_.script("ROLLBACK");
    return finish;
}

bool TransactionSession::abandon() {
    if (connection_.transaction_status() != TransactionStatus::idle && !settings_.in_callers_transaction)
        std::ignore = connection_.script("ROLLBACK");
    return state_ != State::ended;
}

Outcome AutocommitSession::send(const Call& call, bool rows) {
    if (!fresh_) { // a message of its own: what is sent next may refuse to run in the transaction of several
                   // statements
        std::ignore = connection_.script(joined(fresh_session())).or_throw();
        fresh_ = true;
    }
    sent_ = true;
    if (call.values.empty() && !rows)
        return connection_.script(call.sql);
    const Statement statement{call.sql, call.values};
    return connection_.pipeline({&statement, 1});
}

void AutocommitSession::savepoint(SavepointAction action, const Call& where) {
    if (action == SavepointAction::roll_back)
        return;
    database::Message said;
    said.message = "a migration with .transaction = false has no transaction, so it can have no savepoint";
    throw CallError(failure(said, where));
}

Finish AutocommitSession::finish(const history::History& history, const history::Record& record,
                                 const std::string& run) {
    if (connection_.transaction_status() != TransactionStatus::idle) {
        abandon();
        database::Message said;
        said.message = "the migration began a transaction and did not end it, so what it did in it is undone";
        said.hint = "End it with COMMIT, or leave BEGIN out: each statement commits by itself.";
        return {failure(said, last_call()), true};
    }
    std::vector<Statement> statements = as_statements({"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"});
    for (Statement& statement : as_statements(own_rights()))
        statements.push_back(std::move(statement));
    statements.push_back(history.record(record, run, ""));
    statements.push_back({"COMMIT", {}});
    const Outcome outcome = connection_.pipeline(statements);
    if (!outcome.error && outcome.results.back().tag() == "COMMIT")
        return {};
    Finish finish;
    finish.partly_applied = sent_;
    if (outcome.error)
        finish.failure = not_recorded(*outcome.error);
    else
        finish.failure.emplace().message =
            fmt::format("COMMIT was answered with {}", outcome.results.back().tag());
    if (connection_.transaction_status() != TransactionStatus::idle)
        std::ignore = connection_.script("ROLLBACK");
    return finish;
}

bool AutocommitSession::abandon() {
    if (connection_.transaction_status() != TransactionStatus::idle)
        std::ignore = connection_.script("ROLLBACK");
    return !sent_;
}

} // namespace dibs::migration
