#include "migration/attempt.hpp"

#include <fmt/format.h>

#include "plugin/checksum.hpp"
#include "process/interrupt.hpp"

namespace dibs::migration {
namespace {

using report::MigrationFailure;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

MigrationFailure described(const worker::CallFailure& failure, const plugin::Version& version) {
    MigrationFailure described;
    described.version = version.to_string();
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

MigrationFailure described(const worker::Ending& ending, const plugin::Version& version) {
    MigrationFailure failure = described(ending.failure, version);
    if (ending.exception_type != "dibs::Error")
        failure.what = fmt::format("migrate() threw {}", ending.exception_type);
    return failure;
}

/// For ends that come without an error: where the migration was.
MigrationFailure at_last_call(std::string what, const worker::Call& last, const plugin::Version& version) {
    MigrationFailure failure;
    failure.version = version.to_string();
    failure.what = std::move(what);
    failure.message = last.file.empty() ? "it had sent no SQL yet" : "the SQL that it had sent last is below";
    failure.sql = last.sql;
    failure.file = last.file;
    failure.line = last.line;
    return failure;
}

Attempt with_steps(Attempt result, const StepLog& steps) {
    if (result.failure) {
        result.failure->step = steps.current();
        result.failure->steps_done = steps.done();
    }
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

} // namespace

Attempt attempt(database::Connection& connection, ConnectionSession& session, const Pending& pending,
                const history::History& history, const std::string& run, worker::Host& host,
                milliseconds time_limit) {
    const plugin::Version& version = pending.library.version;
    const auto begun = steady_clock::now();
    Attempt result;
    bool committing = false;
    try {
        const worker::Ending ending = [&] {
            const process::TimeLimit limit(time_limit);
            const Cancellable while_it_runs(connection, host);
            return host.run(pending.loaded, false, session);
        }();
        if (process::interrupt() != 0)
            throw process::Interrupted(process::interrupt());
        if (time_limit.count() > 0 && steady_clock::now() - begun >= time_limit)
            throw process::TimeIsUp(time_limit);
        if (ending.kind == worker::Ending::Kind::threw) {
            result.failure = described(ending, version);
            result.partly_applied = !session.abandon();
            return with_steps(std::move(result), session.steps());
        }
        history::Record record{version, pending.library.checksum, std::string(plugin::checksum_algorithm),
                               0,       pending.out_of_order,     pending.library.note.description};
        record.duration_ms = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun).count();
        committing = true;
        const Finish finish = session.finish(history, record, run);
        if (finish.failure) {
            result.failure = described(*finish.failure, version);
            result.partly_applied = finish.partly_applied;
        }
        result.lock_lost = finish.lock_lost;
    } catch (const process::TimeIsUp& late) {
        result.failure = at_last_call(late.what(), session.last_call(), version);
        result.partly_applied = !session.abandon();
    } catch (const process::Interrupted& interrupted) {
        result.failure = at_last_call(interrupted.what(), session.last_call(), version);
        result.partly_applied = !session.abandon();
        result.interrupted = true;
    } catch (const worker::WorkerDied& died) {
        result.failure = at_last_call(died.what(), session.last_call(), version);
        result.partly_applied = !session.abandon();
    } catch (const database::ConnectionLost& lost) {
        result.failure = at_last_call(fmt::format("the connection to the server was lost: {}", lost.what()),
                                      session.last_call(), version);
        result.connection_lost = true;
        if (committing) {
            result.outcome_unknown = true;
            result.partly_applied = true;
        } else {
            result.partly_applied = !pending.library.note.transaction;
        }
    }
    return with_steps(std::move(result), session.steps());
}

std::string outcome_text(const Attempt& attempt, bool transactional) {
    if (!attempt.partly_applied)
        return transactional ? "rolled back; nothing was recorded"
                             : "nothing of it stays, and nothing was recorded";
    if (transactional)
        return "it ended its transaction itself, so what it did before may be committed; nothing was "
               "recorded";
    const std::vector<std::string>& done = attempt.failure->steps_done;
    if (done.empty())
        return "it has no transaction, so what it did before stays; `dibs migrate` runs it again from its "
               "beginning";
    return fmt::format("it has no transaction, so what it did stays: {} {} done; `dibs migrate` goes on from "
                       "there",
                       quoted_list(done), done.size() == 1 ? "is" : "are");
}

} // namespace dibs::migration
