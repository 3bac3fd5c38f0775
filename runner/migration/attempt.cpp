#include "migration/attempt.hpp"

#include <fmt/format.h>

#include "plugin/checksum.hpp"
#include "process/interrupt.hpp"
#include "report/redactor.hpp"

namespace dibs::migration {
namespace {

using report::MigrationFailure;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

MigrationFailure failure_of(const Pending& pending) {
    MigrationFailure failure;
    failure.version = pending.library.version.to_string();
    failure.backwards = pending.backwards();
    return failure;
}

MigrationFailure described(const worker::CallFailure& failure, const Pending& pending) {
    MigrationFailure described = failure_of(pending);
    described.message = failure.message;
    described.sqlstate = failure.sqlstate;
    described.detail = failure.detail;
    described.hint = failure.hint;
    described.context = failure.context;
    described.sql = failure.sql;
    described.file = failure.file;
    described.line = failure.line;
    described.position = failure.position;
    described.statement = failure.statement;
    return described;
}

MigrationFailure described(const worker::Ending& ending, const Pending& pending) {
    MigrationFailure failure = described(ending.failure, pending);
    if (ending.exception_type != "dibs::Error")
        failure.what =
            fmt::format("{}() threw {}", pending.backwards() ? "rollback" : "migrate", ending.exception_type);
    return failure;
}

/// For ends that come without an error: where the migration was.
MigrationFailure at_last_call(std::string what, const worker::Call& last, const Pending& pending) {
    MigrationFailure failure = failure_of(pending);
    failure.what = std::move(what);
    failure.message = last.file.empty()
                          ? "it had sent no SQL yet"
                          : fmt::format("the SQL that it had sent last is at {}:{}", last.file, last.line);
    failure.sql = last.sql;
    failure.file = last.file;
    failure.line = last.line;
    return failure;
}

Attempt with_what_stays(Attempt result, ConnectionSession& session) {
    if (result.partly_applied && !result.connection_lost)
        result.left_behind = session.left_behind();
    if (result.failure) {
        result.failure->step = session.steps().current();
        result.failure->steps_done = session.steps().done();
    }
    result.backfilled = session.has_backfills();
    return result;
}

/// SIGINT, SIGTERM and the worker's death cancel what the server does for the migration; not a COMMIT, nor
/// what comes after a failure.
class Cancellable {
  public:
    Cancellable(database::Connection& connection, const worker::Host& host) : connection_(connection) {
        connection.cancel_on(host.end_descriptor());
    }
    Cancellable(const Cancellable&) = delete;
    Cancellable& operator=(const Cancellable&) = delete;
    ~Cancellable() { connection_.cancel_on(-1); }

  private:
    database::Connection& connection_;
};

worker::CallFailure refused(std::string message, std::string hint) {
    worker::CallFailure failure;
    failure.message = std::move(message);
    failure.hint = std::move(hint);
    return failure;
}

/// What is recorded of a migration, but for the time it took.
history::Record record_of(const database::Connection& connection, const Pending& pending) {
    const plugin::Library& library = pending.library;
    return {library.version,
            library.checksum,
            std::string(plugin::checksum_algorithm),
            history::kept_source(connection, report::redact(library.source)),
            std::nullopt,
            pending.out_of_order,
            library.note.description};
}

/// Made when the first message is under way, as the server works then; or when it is wanted.
class EarlyRecord {
  public:
    EarlyRecord(database::Connection& connection, const Pending& pending)
        : connection_(connection), pending_(pending) {
        if (!pending.backwards())
            connection.meanwhile([this] { record_ = record_of(connection_, pending_); });
    }
    EarlyRecord(const EarlyRecord&) = delete;
    EarlyRecord& operator=(const EarlyRecord&) = delete;
    ~EarlyRecord() { connection_.meanwhile({}); }

    [[nodiscard]] history::Record take(milliseconds took) {
        connection_.meanwhile({});
        history::Record record = record_ ? *std::move(record_) : record_of(connection_, pending_);
        record.duration_ms = took.count();
        return record;
    }

  private:
    database::Connection& connection_;
    const Pending& pending_;
    std::optional<history::Record> record_;
};

Recording recording_of(const database::Connection& connection, const history::History& history,
                       const Pending& pending, const std::string& run, milliseconds took,
                       EarlyRecord& early) {
    if (pending.backwards())
        return {
            [&, took](const std::string& transaction_id, const std::string&) {
                return std::vector{
                    history.take_back(connection, *pending.undoes, took.count(), run, transaction_id),
                    history.steps().forget(connection, pending.library.version),
                    database::Statement{history.backfills().forget(connection, pending.library.version), {}}};
            },
            false,
            refused("its row is not in the history any more, or a trigger keeps it there",
                    "`dibs status` tells what is applied.")};
    return {[&, record = early.take(took)](const std::string& transaction_id, const std::string& returned) {
                return history.record(connection, record, run, transaction_id, returned);
            },
            history.record_returns(),
            refused("a trigger on the history kept its row out, or changed the version in it",
                    "Drop that trigger: what dibs cannot record, it does not apply.")};
}

} // namespace

Attempt attempt(database::Connection& connection, ConnectionSession& session, const Pending& pending,
                const history::History& history, const std::string& run, worker::Host& host,
                milliseconds time_limit) {
    const auto begun = steady_clock::now();
    Attempt result;
    bool committing = false;
    EarlyRecord early(connection, pending);
    try {
        const worker::Ending ending = [&] {
            const process::TimeLimit limit(time_limit);
            const Cancellable while_it_runs(connection, host);
            return host.run(pending.loaded, pending.backwards(), session);
        }();
        if (process::interrupt() != 0)
            throw process::Interrupted(process::interrupt());
        if (time_limit.count() > 0 && steady_clock::now() - begun >= time_limit)
            throw process::TimeIsUp(time_limit);
        if (ending.kind == worker::Ending::Kind::threw) {
            result.failure = described(ending, pending);
            result.partly_applied = !session.abandon();
            return with_what_stays(std::move(result), session);
        }
        const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
        const Recording recording = recording_of(connection, history, pending, run, took, early);
        committing = true;
        const Finish finish = session.finish(recording);
        if (finish.failure) {
            result.failure = described(*finish.failure, pending);
            result.partly_applied = finish.partly_applied;
        }
        result.lock_lost = finish.lock_lost;
    } catch (const process::TimeIsUp& late) {
        result.failure = at_last_call(late.what(), session.last_call(), pending);
        result.partly_applied = !session.abandon();
    } catch (const process::Interrupted& interrupted) {
        result.failure = at_last_call(interrupted.what(), session.last_call(), pending);
        result.partly_applied = !session.abandon();
        result.interrupted = true;
    } catch (const worker::NotLoaded& why) {
        result.failure = failure_of(pending);
        result.failure->message = why.what();
        result.failure->hint = why.hint();
        result.partly_applied = !session.abandon();
    } catch (const worker::WorkerDied& died) {
        result.failure = at_last_call(died.what(), session.last_call(), pending);
        result.partly_applied = !session.abandon();
    } catch (const database::ConnectionLost& lost) {
        result.failure = at_last_call(fmt::format("the connection to the server was lost: {}", lost.what()),
                                      session.last_call(), pending);
        result.connection_lost = true;
        if (committing) {
            result.outcome_unknown = true;
            result.partly_applied = true;
        } else {
            result.partly_applied = !pending.library.note.transaction;
        }
    }
    return with_what_stays(std::move(result), session);
}

std::string outcome_text(const Attempt& attempt, const Pending& pending) {
    const std::string_view recorded =
        pending.backwards() ? "it is recorded as applied, as before" : "nothing was recorded";
    if (!attempt.partly_applied)
        return pending.library.note.transaction ? fmt::format("rolled back; {}", recorded)
                                                : fmt::format("nothing of it stays, and {}", recorded);
    if (pending.library.note.transaction)
        return fmt::format("{}; {}",
                           attempt.left_behind.empty()
                               ? "it ended its transaction itself, so what it did before may be committed"
                               : attempt.left_behind,
                           recorded);
    const std::vector<std::string>& done = attempt.failure->steps_done;
    if (done.empty() && attempt.backfilled)
        return fmt::format("it has no transaction, so what it did before stays; `dibs {}` runs it again, and "
                           "its backfill goes on where it is",
                           pending.backwards() ? "rollback" : "migrate");
    if (done.empty())
        return pending.backwards()
                   ? fmt::format(
                         "it has no transaction, so what it did before stays; {}, and `dibs rollback` "
                         "runs it again from its beginning",
                         recorded)
                   : "it has no transaction, so what it did before stays; `dibs migrate` runs it again from "
                     "its beginning";
    return fmt::format("it has no transaction, so what it did stays: {} {} done; `dibs {}` goes on from "
                       "there",
                       quoted_list(done), done.size() == 1 ? "is" : "are",
                       pending.backwards() ? "rollback" : "migrate");
}

} // namespace dibs::migration
