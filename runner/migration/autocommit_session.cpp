#include "migration/autocommit_session.hpp"

#include <functional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "migration/concurrent_index.hpp"
#include "plugin/checksum.hpp"
#include "process/interrupt.hpp"
#include "report/text.hpp"

namespace dibs::migration {
namespace {

using database::Outcome;
using database::Statement;
using database::TransactionStatus;
using std::chrono::microseconds;
using std::chrono::steady_clock;
using worker::Call;
using worker::CallError;
using worker::CallFailure;
using worker::SavepointAction;

const char* const lost_lock =
    "another run has the migration lock now, because this migration has released it";
const char* const lost_lock_hint =
    "Leave pg_advisory_unlock_all() out. When the other run is done, `dibs status` "
    "tells what it has left to do.";

/// While this lives, a signal does not cancel what the server does: what is done is to be recorded.
class Uncancelled {
  public:
    explicit Uncancelled(database::Connection& connection)
        : connection_(connection), before_(connection.cancel_on(-1)) {}
    Uncancelled(const Uncancelled&) = delete;
    Uncancelled& operator=(const Uncancelled&) = delete;
    ~Uncancelled() { connection_.cancel_on(before_); }

  private:
    database::Connection& connection_;
    int before_;
};

} // namespace

AutocommitSession::AutocommitSession(database::Connection& connection, const history::Lock& lock,
                                     Watch& watch, SessionSettings settings, std::string version,
                                     report::Events& events, Resumption resumption)
    : ConnectionSession(connection, lock, watch, std::move(settings), std::move(version), events),
      resumption_(std::move(resumption)), log_(resumption_.earlier.steps) {}

void AutocommitSession::freshen() {
    if (fresh_)
        return;
    std::vector<Statement> statements = fresh_session();
    statements.push_back({"SELECT " + lock_.renewal(), {}});
    const Outcome outcome = connection_.script(joined(statements)).or_throw();
    if (outcome.results.back().text(0, 0) != "t")
        refuse(lost_lock, lost_lock_hint, {});
    fresh_ = true;
}

Outcome AutocommitSession::send(const Call& call, bool rows) {
    log_.step_outside();
    freshen(); // a message of its own: the call's may refuse to run in the transaction of several statements
    sent_ = true;
    Outcome outcome = [&] {
        if (call.values.empty() && !rows)
            return connection_.script(call.sql);
        const Statement statement{call.sql, call.values};
        return connection_.pipeline({&statement, 1});
    }();
    if (backfill_ && !rows && !outcome.error && !outcome.results.empty())
        batch_rows_ += static_cast<std::int64_t>(outcome.results.back().rows_affected());
    return outcome;
}

void AutocommitSession::savepoint(SavepointAction action, const Call& where) {
    if (action != SavepointAction::roll_back)
        refuse("a migration with .transaction = false has no transaction, so it can have no savepoint", "",
               where);
}

bool AutocommitSession::begin_step(const std::string& name, const Call& where) {
    process::check_interrupt();
    refuse_in_batch("a step", where);
    if (auto refusal = log_.refusal(name))
        refuse(std::move(refusal->reason), std::move(refusal->hint), where);
    const history::Step* const earlier = log_.begin(name);
    step_begun_ = steady_clock::now();
    if (earlier == nullptr)
        return true;
    events_.step_passed_over(version_, name, earlier->done_at);
    if (earlier->checksum_algorithm == plugin::checksum_algorithm &&
        earlier->checksum != resumption_.checksum)
        events_.remark(version_,
                       fmt::format("warning: the source was changed since, and the step \"{}\" is not "
                                   "run again: what it has done must be what it would do now",
                                   name));
    return false;
}

void AutocommitSession::end_step(bool done, const Call& where) {
    if (!log_.in_step())
        return;
    log_.leave();
    if (!done)
        return;
    if (auto failure = open_transaction(fmt::format("the step \"{}\"", log_.current()), where))
        throw CallError(*std::move(failure));
    record(log_.current(), where);
}

std::optional<CallFailure> AutocommitSession::open_transaction(const std::string& whose, const Call& where) {
    if (connection_.transaction_status() == TransactionStatus::idle)
        return std::nullopt;
    abandon();
    CallFailure failure;
    failure.message = whose + " began a transaction and did not end it, so what it did in it is undone";
    failure.hint = "End it with COMMIT, or leave BEGIN out: each execute() commits by itself.";
    failure.sql = where.sql;
    failure.file = where.file;
    failure.line = where.line;
    return failure;
}

void AutocommitSession::record(const std::string& step, const Call& where) {
    const auto took = std::chrono::duration_cast<microseconds>(steady_clock::now() - step_begun_);
    const Uncancelled whatever_comes(connection_);
    const std::string encoding = connection_.set_client_encoding();
    const history::Step done{step, resumption_.checksum, std::string(plugin::checksum_algorithm), "",
                             std::chrono::duration_cast<std::chrono::milliseconds>(took).count()};
    // With the rights of the session and not those of a role that the migration has set; the next step finds
    // everything as this one has left it.
    const std::vector<Statement> statements{
        {"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", {}},
        {"SET LOCAL SESSION AUTHORIZATION DEFAULT", {}},
        {"SET LOCAL ROLE NONE", {}},
        {"SET LOCAL statement_timeout = 0", {}},
        {"SELECT CASE WHEN pg_catalog.current_setting('session_replication_role') OPERATOR(pg_catalog.<>) "
         "'origin' THEN pg_catalog.set_config('session_replication_role', 'origin', true) END, " +
             lock_.assurance(),
         {}},
        {resumption_.steps.record(connection_, resumption_.version, done, resumption_.backwards), {}},
        {"COMMIT", {}}};
    constexpr std::size_t rights = 4;
    const Outcome outcome = connection_.script(joined(statements));
    if (outcome.error || outcome.results.back().tag() != "COMMIT") {
        if (connection_.transaction_status() != TransactionStatus::idle)
            std::ignore = connection_.script("ROLLBACK");
        const database::Message said = outcome.error.value_or(database::Message{});
        refuse(fmt::format("the step \"{}\" is done, but could not be recorded: {} ({})", step, said.message,
                           said.sqlstate),
               "The next run does it again.", where);
    }
    connection_.set_client_encoding(encoding);
    events_.step_done(version_, step, took);
    log_.recorded();
    if (outcome.results[rights].text(0, 1) != "t")
        refuse(lost_lock, lost_lock_hint, where);
}

void AutocommitSession::create_index(const worker::IndexDefinition& index, const Call& where) {
    with_index(where, [&](ConcurrentIndex& concurrent) { concurrent.create(index); });
}

void AutocommitSession::drop_index(const worker::IndexRemoval& index, const Call& where) {
    with_index(where,
               [&](ConcurrentIndex& concurrent) { concurrent.drop(index, an_earlier_run_did_something()); });
}

void AutocommitSession::with_index(const Call& where, const std::function<void(ConcurrentIndex&)>& work) {
    process::check_interrupt();
    refuse_in_batch("an index", where);
    log_.step_outside();
    freshen();
    ConcurrentIndex index(connection_, watch_,
                          {[this](const std::string& text) { events_.remark(version_, text); },
                           [this](const std::string& text) { events_.progress(version_, text); }},
                          where);
    const bool before = std::exchange(sent_, true);
    try {
        work(index);
        note_call(index.last_call());
    } catch (const CallError&) {
        note_call(index.last_call());
        sent_ = before || index.leaves_something();
        throw;
    } catch (...) { // a signal, or no connection any more
        note_call(index.last_call());
        throw;
    }
}

void AutocommitSession::refuse_in_batch(std::string_view what, const Call& where) const {
    if (backfill_)
        refuse(fmt::format("{} was begun in a batch of a backfill, which is one transaction", what),
               "Let the backfill end before.", where);
}

void AutocommitSession::begin_backfill(worker::BackfillDefinition what, bool by_callback, const Call& where) {
    process::check_interrupt();
    refuse_in_batch("a backfill", where);
    log_.step_outside();
    freshen();
    if (connection_.transaction_status() != TransactionStatus::idle)
        refuse("the migration has begun a transaction, in which a backfill cannot commit its batches",
               "End it with COMMIT before.", where);
    if (what.name.empty())
        what.name = resumption_.version.name();
    if (StepLog().refusal(what.name))
        refuse("a backfill's name is one line of 1 to 200 bytes in UTF-8", "Give it another .name.", where);
    if (!backfills_.insert(what.name).second)
        refuse(fmt::format("two backfills of this migration are called \"{}\"", what.name),
               "Give each a .name of its own: by it dibs knows how far it is.", where);
    sent_ = true;
    note_call(where);
    const std::chrono::milliseconds lock_timeout =
        settings_.lock_timeout.count() > 0 ? settings_.lock_timeout : resumption_.batch_lock_timeout;
    backfill_.emplace(connection_, watch_,
                      Backfill::Place{resumption_.backfills,
                                      history::Backfills::key(resumption_.version, resumption_.backwards),
                                      resumption_.run, lock_timeout,
                                      [this](const std::string& text) { events_.remark(version_, text); },
                                      [this](const report::BackfillProgress& progress) {
                                          events_.backfill(version_, progress);
                                      }},
                      std::move(what), by_callback, where);
}

std::uint64_t AutocommitSession::backfill(const worker::BackfillDefinition& what, const Call& where) {
    begin_backfill(what, false, where);
    try {
        backfill_->run();
        const std::uint64_t rows = backfill_->finish();
        backfill_.reset();
        return rows;
    } catch (...) {
        backfill_.reset();
        throw;
    }
}

void AutocommitSession::begin_batches(const worker::BackfillDefinition& what, const Call& where) {
    begin_backfill(what, true, where);
}

std::optional<worker::Batch> AutocommitSession::next_batch(const Call& where) {
    if (!backfill_)
        refuse("no backfill has begun", "", where);
    batch_rows_ = 0;
    try {
        return backfill_->next();
    } catch (...) {
        backfill_.reset();
        throw;
    }
}

bool AutocommitSession::end_batch(bool done, const std::string& sqlstate, const Call& where) {
    if (!backfill_ || !backfill_->in_batch())
        refuse("no batch has begun", "", where);
    try {
        if (!done) {
            const bool again = backfill_->roll_back(sqlstate);
            if (!again)
                backfill_.reset();
            return again;
        }
        const TransactionStatus status = connection_.transaction_status();
        if (status == TransactionStatus::open)
            return !backfill_->commit(std::exchange(batch_rows_, 0));
        if (status == TransactionStatus::idle)
            refuse(
                "the batch has ended its transaction itself, so how far it is could not be recorded with it",
                "Leave COMMIT and ROLLBACK to dibs.", where);
        abandon();
        refuse("an error in the batch was caught, and its transaction could not go on",
               "Let the error out: dibs tries again where that may help.", where);
    } catch (...) {
        backfill_.reset();
        throw;
    }
}

std::uint64_t AutocommitSession::end_batches(const Call& where) {
    if (!backfill_)
        refuse("no backfill has begun", "", where);
    const std::uint64_t rows = backfill_->finish();
    backfill_.reset();
    return rows;
}

bool AutocommitSession::an_earlier_run_did_something() const {
    return !resumption_.earlier.begun_at.empty() || !resumption_.earlier.steps.empty();
}

bool AutocommitSession::something_stays() const {
    return sent_ || !log_.done().empty() || an_earlier_run_did_something();
}

Finish AutocommitSession::finish(const Recording& recording) {
    if (auto failure = open_transaction("the migration", last_call()))
        return {std::move(failure), true, false};
    if (const std::vector<std::string> gone = log_.not_met(); !gone.empty())
        events_.remark(version_,
                       fmt::format("warning: an earlier run has done {}, which this one has not come to",
                                   quoted_list(gone)));
    connection_.set_client_encoding();
    std::vector<Statement> statements{{"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", {}}};
    RecordMessage record = record_message(recording, "");
    const std::size_t lock_at = statements.size() + record.lock;
    std::move(record.statements.begin(), record.statements.end(), std::back_inserter(statements));
    statements.push_back({"COMMIT", {}});
    const LongStatement while_it_commits = watched("COMMIT");
    const Outcome outcome = connection_.script(joined(statements));
    const bool committed = !outcome.error && outcome.results.back().tag() == "COMMIT";
    if (committed && outcome.results[lock_at].rows() > 0)
        return {{}, false, !has_lock(outcome.results[lock_at])};
    Finish finish;
    finish.partly_applied = something_stays();
    if (committed) // a trigger on the history, made in this run
        finish.failure = recording.not_done;
    else if (outcome.error)
        finish.failure = not_recorded(*outcome.error, recording);
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
    return !something_stays();
}

} // namespace dibs::migration
