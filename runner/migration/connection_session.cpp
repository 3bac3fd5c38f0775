#include "migration/connection_session.hpp"

#include <fmt/format.h>

#include "history/session.hpp"
#include "migration/hints.hpp"
#include "migration/result_table.hpp"
#include "process/interrupt.hpp"
#include "report/text.hpp"

namespace dibs::migration {

using database::Statement;
using worker::Call;
using worker::CallError;
using worker::CallFailure;

ConnectionSession::ConnectionSession(database::Connection& connection, const history::Lock& lock,
                                     Watch& watch, SessionSettings settings, std::string version,
                                     report::Events& events)
    : connection_(connection), settings_(settings), lock_(lock), watch_(watch), version_(std::move(version)),
      events_(events) {}

void ConnectionSession::refuse(std::string reason, std::string hint, const Call& where) {
    CallFailure refused;
    refused.message = std::move(reason);
    refused.hint = std::move(hint);
    refused.file = where.file;
    refused.line = where.line;
    throw CallError(std::move(refused));
}

const StepLog& ConnectionSession::steps() const {
    static const StepLog none;
    return none;
}

CallFailure ConnectionSession::not_recorded(const database::Message& said, const Recording& recording) {
    if (said.sqlstate == "23502" && said.column == "event") // not_null_violation: by design
        return recording.not_done;
    CallFailure refused = failure_of(said, {});
    refused.message = "the history row could not be written: " + refused.message;
    return refused;
}

void ConnectionSession::require_backfill(const std::string& name, const Call& where) {
    process::check_interrupt();
    // On a connection of its own, with its own rights: what is finished is committed.
    database::Connection beside = connection_.beside("dibs gate");
    const std::vector<history::Backfill> called = settings_.backfills.called(beside, name);
    const std::string quoted = report::harmless(name);
    if (called.empty())
        refuse(
            fmt::format("it requires the backfill \"{}\", and there is none of this name", quoted),
            "`dibs backfill status` lists those there are. Where a backfill has no .name, it has that of its "
            "migration.",
            where);
    for (const history::Backfill& backfill : called)
        if (backfill.state != "finished")
            refuse(fmt::format("it requires the backfill \"{}\" of {}, which is not finished", quoted,
                               backfill.version),
                   "`dibs backfill status` tells how far it is, and `dibs migrate` goes on with it.", where);
}

LongStatement ConnectionSession::watched(std::string what) {
    return {connection_, watch_, [this, what = std::move(what)](const std::string& text) {
                events_.remark(version_, what + " " + text);
            }};
}

std::optional<database::Result> ConnectionSession::last_result(const Call& call, bool rows) {
    last_call_ = call;
    process::check_interrupt();
    database::Outcome outcome = [&] {
        const LongStatement while_it_runs =
            watched(fmt::format("the statement at {}:{}", call.file, call.line));
        return send(call, rows);
    }();
    if (outcome.error) {
        CallFailure failed = failure_of(*outcome.error, call);
        // Results come for the statements before the one that failed; the first of one is not worth a number.
        failed.statement =
            outcome.results.empty() ? 0 : static_cast<std::uint32_t>(outcome.results.size() + 1);
        throw CallError(std::move(failed));
    }
    if (outcome.results.empty()) // comments at most, after the statements of the session's opening
        return std::nullopt;
    return std::move(outcome.results.back());
}

std::uint64_t ConnectionSession::execute(const Call& call) {
    const std::optional<database::Result> result = last_result(call, false);
    return result ? result->rows_affected() : 0;
}

worker::Table ConnectionSession::query(const Call& call) {
    const std::optional<database::Result> answer = last_result(call, true);
    if (!answer || (answer->columns() == 0 && answer->tag().substr(0, 6) != "SELECT")) {
        const std::string_view tag = answer ? answer->tag() : "";
        database::Message said;
        said.message = fmt::format("query() was given a statement that has no rows ({})",
                                   tag.empty() ? "it is empty" : tag);
        said.hint = "Use execute(), or end the statement with RETURNING.";
        throw CallError(failure_of(said, call));
    }
    return table_of(*answer);
}

std::uint64_t ConnectionSession::open_stream(const Call& call) {
    return streams_.open(call, each_call_commits());
}

worker::FetchedRows ConnectionSession::fetch(std::uint64_t stream) {
    return streams_.fetch(stream);
}

void ConnectionSession::close_stream(std::uint64_t stream) {
    streams_.close(stream, connection_.transaction_status() == database::TransactionStatus::failed);
}

void ConnectionSession::begin_copy(const worker::CopyTarget& target, const Call& where) {
    copies_.begin(target, where, each_call_commits());
}

std::uint64_t ConnectionSession::copy_rows(const std::string& rows, std::uint64_t count) {
    try {
        return copies_.copy(rows, count);
    } catch (const CallError& error) {
        failed(error.failure());
        throw;
    }
}

void ConnectionSession::end_copy(bool done) {
    copies_.end(done);
}

std::optional<database::Result> ConnectionSession::send_for(const Call& call, std::string sql,
                                                            std::optional<std::size_t> prefix) {
    Call sent{std::move(sql), prefix ? call.values : std::vector<database::Value>(), call.file, call.line};
    try {
        std::optional<database::Result> result = last_result(sent, true);
        note_call(call);
        return result;
    } catch (const CallError& error) {
        note_call(call);
        CallFailure failure = error.failure();
        if (failure.sql != sent.sql) // of a call before
            throw;
        failure.sql = call.sql;
        const auto in_front = static_cast<std::uint32_t>(prefix.value_or(failure.position));
        failure.position = failure.position > in_front ? failure.position - in_front : 0;
        if (failure.sqlstate != "25P02") // in_failed_sql_transaction tells nothing new
            failed(failure);
        throw CallError(std::move(failure));
    } catch (...) { // a signal, or no connection any more
        note_call(call);
        throw;
    }
}

std::string ConnectionSession::type_name(std::uint32_t type) {
    const Statement asked{"SELECT pg_catalog.format_type($1::pg_catalog.oid, NULL)", {std::to_string(type)}};
    const database::Outcome outcome = connection_.pipeline({&asked, 1});
    if (outcome.error || outcome.results.front().rows() == 0)
        return fmt::format("of the type with number {}",
                           type); // in a failed transaction nothing can be asked
    return std::string(outcome.results.front().text(0, 0));
}

std::vector<Statement> ConnectionSession::fresh_session() const {
    std::vector<Statement> statements;
    std::span<const std::string> given;
    if (settings_.after_another) {
        statements = own_rights();
        for (const char* const sql : {"RESET ALL", "DEALLOCATE ALL", "CLOSE ALL", "UNLISTEN *",
                                      "DISCARD TEMP", "DISCARD PLANS", "DISCARD SEQUENCES"})
            statements.push_back({sql, {}});
        given = settings_.given_by_reset;
    }
    for (std::string& sql :
         history::session_settings(connection_.server_version(), settings_.lock_timeout, false, given))
        statements.push_back({std::move(sql), {}});
    if (!settings_.role.empty())
        statements.push_back({"SET ROLE " + connection_.quote_identifier(settings_.role), {}});
    return statements;
}

std::vector<Statement> ConnectionSession::own_rights() const {
    std::vector<Statement> statements;
    if (!connection_.is_still(settings_.session_user))
        statements.push_back({"RESET SESSION AUTHORIZATION", {}});
    statements.push_back({"RESET ROLE", {}});
    return statements;
}

ConnectionSession::RecordMessage ConnectionSession::record_message(const Recording& recording,
                                                                   const std::string& transaction_id) const {
    RecordMessage record{own_rights()};
    if (!recording.returns)
        // Triggers and rules look at that setting. Only a superuser can have changed it, and no other may
        // even reset it.
        record.statements.push_back(
            {"SELECT CASE WHEN pg_catalog.current_setting('session_replication_role') "
             "OPERATOR(pg_catalog.<>) 'origin' THEN "
             "pg_catalog.set_config('session_replication_role', 'origin', false) "
             "END, " +
                 lock_.renewal(),
             {}});
    record.first = record.statements.size();
    record.lock = recording.returns ? record.first : record.first - 1;
    for (Statement& statement :
         recording.statements(transaction_id, recording.returns ? lock_.renewal() : std::string()))
        record.statements.push_back(std::move(statement));
    return record;
}

bool ConnectionSession::has_lock(const database::Result& answer) {
    return answer.text(0, answer.columns() - 1) == "t";
}

std::string ConnectionSession::joined(const std::vector<Statement>& statements) {
    std::string script;
    for (const Statement& statement : statements)
        script += statement.sql + "; ";
    return script;
}

} // namespace dibs::migration
