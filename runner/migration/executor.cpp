#include "migration/executor.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <tuple>

#include <fmt/format.h>

#include "migration/attempt.hpp"
#include "migration/autocommit_session.hpp"
#include "migration/lost_commit.hpp"
#include "migration/transaction_session.hpp"
#include "migration/watch.hpp"
#include "process/interrupt.hpp"
#include "report/redactor.hpp"
#include "report/text.hpp"

namespace dibs::migration {
namespace {

using report::ExitCode;
using report::MigrationFailure;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

milliseconds lock_timeout_of(const plugin::Note& note, const RunOptions& options) {
    if (note.lock_timeout_ms)
        return milliseconds(*note.lock_timeout_ms);
    return note.transaction ? options.lock_timeout : milliseconds(0);
}

/// Passes on what the server says while migrations run.
class Notices {
  public:
    Notices(database::Connection& connection, report::Events& events) : connection_(connection) {
        connection_.on_notice(
            [&events](const database::Message& said) { events.notice(said.severity, said.message); });
    }
    Notices(const Notices&) = delete;
    Notices& operator=(const Notices&) = delete;
    ~Notices() {
        connection_.on_notice([](const database::Message&) {});
    }

  private:
    database::Connection& connection_;
};

/// How long a statement must last before it is looked at: long before the shortest lock time-out ends.
milliseconds watch_interval(const std::vector<Pending>& pending, const RunOptions& options) {
    milliseconds interval(250);
    for (const Pending& each : pending)
        if (const milliseconds timeout = lock_timeout_of(each.library.note, options);
            timeout > milliseconds(0))
            interval = std::min(interval, timeout / 4);
    return std::max(interval, milliseconds(10));
}

/// One run: what its migrations have in common.
class Run {
  public:
    Run(database::Connection& connection, const history::History& history, const history::Lock& lock,
        const std::string& name, const std::vector<Pending>& pending, worker::Host& host,
        const RunOptions& options, report::Events& events)
        : connection_(connection), history_(history), lock_(lock), name_(name), host_(host),
          options_(options), events_(events), watch_(connection, watch_interval(pending, options)) {}

    /// A migration, again and again while another attempt may mend what stopped it.
    Attempt migrate(const Pending& pending, bool after_another) {
        const std::string version = pending.library.version.to_string();
        const plugin::Note& note = pending.library.note;
        RetryPolicy policy = options_.retry;
        if (note.lock_attempts)
            policy.attempts = static_cast<unsigned>(*note.lock_attempts);
        const auto first = steady_clock::now();
        for (unsigned made = 1;; ++made) {
            const auto begun = steady_clock::now();
            const auto session = session_for(pending, after_another || made > 1);
            Attempt tried = [&] {
                const Watch::Transaction watched(watch_);
                return attempt(connection_, *session, pending, history_, name_, host_, options_.time_limit);
            }();
            if (note.transaction)
                tell_of_locks(version);
            if (tried.outcome_unknown) {
                events_.remark(version,
                               "the connection was lost during COMMIT; asking on another what became of it");
                find_out(connection_, history_, pending, options_.lock_wait, tried);
            }
            if (!tried.failure || !is_about_locks(tried.failure->sqlstate))
                return tried;
            const auto now = steady_clock::now();
            tried.failure->blocked_by = watch_.last_statement().blockers;
            if (tried.interrupted || tried.partly_applied || tried.connection_lost ||
                options_.roll_back_all || !note.transaction)
                return tried;
            const NextAttempt next =
                next_attempt(policy, made, std::chrono::duration_cast<milliseconds>(now - begun),
                             std::chrono::duration_cast<milliseconds>(now - first), chance_(random_));
            if (!next.pause) {
                if (!next.why_not.empty())
                    tried.failure->hint = next.why_not;
                return tried;
            }
            note_end("retried", *tried.failure, std::chrono::duration_cast<microseconds>(now - begun));
            events_.retrying(version,
                             described_retry(*tried.failure, *next.pause, made + 1, policy.attempts));
            try { // the connection is idle meanwhile, and holds nothing but the run's lock
                process::sleep(*next.pause);
            } catch (const process::Interrupted& interrupted) {
                tried.failure->what = interrupted.what();
                tried.interrupted = true;
                return tried;
            }
        }
    }

    void note_end(std::string_view event, const MigrationFailure& failure, microseconds took) {
        history::Attempt attempt;
        attempt.event = event;
        attempt.version = failure.version;
        attempt.duration_ms = std::chrono::duration_cast<milliseconds>(took).count();
        attempt.sqlstate = failure.sqlstate;
        // The server would refuse what is not UTF-8.
        attempt.message = report::redact(report::harmless((failure.backwards ? "rollback(): " : "") +
                                                          (failure.what.empty() ? "" : failure.what + ": ") +
                                                          failure.message));
        const std::vector<database::Statement> statements{{"BEGIN READ WRITE", {}},
                                                          {"RESET SESSION AUTHORIZATION", {}},
                                                          {"RESET ROLE", {}},
                                                          {"SET LOCAL statement_timeout = 0", {}},
                                                          history_.attempt(attempt, name_),
                                                          {"COMMIT", {}}};
        try {
            connection_.set_client_encoding();
            std::ignore = connection_.pipeline(statements);
        } catch (const database::ConnectionLost&) { // what failed is told already
        }
    }

  private:
    /// Those that kept others from their work for long, which nobody sees from within.
    void tell_of_locks(const std::string& version) {
        for (const Watch::Held& held : watch_.exclusive())
            events_.remark(version,
                           fmt::format("kept everybody from {} for {} (ACCESS EXCLUSIVE): what takes long "
                                       "belongs into a migration of its own, many rows into ctx.backfill()",
                                       held.table, report::duration(held.time)));
    }

    std::unique_ptr<ConnectionSession> session_for(const Pending& pending, bool after_another) {
        SessionSettings settings;
        settings.after_another = after_another;
        settings.in_callers_transaction = options_.roll_back_all;
        settings.lock_timeout = lock_timeout_of(pending.library.note, options_);
        settings.role = options_.role;
        settings.backfills = history_.backfills();
        settings.given_by_reset = history_.given_by_reset();
        settings.session_user = history_.session_user();
        std::string version = pending.library.version.to_string();
        connection_.set_client_encoding();
        if (pending.library.note.transaction)
            return std::make_unique<TransactionSession>(connection_, lock_, watch_, settings,
                                                        std::move(version), events_);
        history::Unfinished earlier =
            history_.begin(connection_, pending.library.version, name_, pending.backwards());
        if (!earlier.begun_at.empty())
            events_.remark(version,
                           fmt::format("an earlier run, begun on {} UTC, did not get to its end: {}",
                                       report::moment(earlier.begun_at),
                                       earlier.steps.empty() ? "from the beginning" : "going on from there"));
        return std::make_unique<AutocommitSession>(
            connection_, lock_, watch_, std::move(settings), std::move(version), events_,
            Resumption{history_.steps(), history_.backfills(), name_, options_.lock_timeout,
                       pending.library.version, pending.library.checksum, std::move(earlier),
                       pending.backwards()});
    }

    static std::string described_retry(const MigrationFailure& failure, milliseconds pause, unsigned next,
                                       unsigned of) {
        std::string text = failure.sqlstate == "40P01" ? "deadlock" : "no lock in time";
        if (!failure.blocked_by.empty())
            text += ", held by " + failure.blocked_by.front();
        return fmt::format("{}; again in {}.{} s ({} of {})", text, pause.count() / 1000,
                           pause.count() % 1000 / 100, next, of);
    }

    database::Connection& connection_;
    const history::History& history_;
    const history::Lock& lock_;
    const std::string& name_;
    worker::Host& host_;
    const RunOptions& options_;
    report::Events& events_;
    Watch watch_;
    std::minstd_rand random_{std::random_device{}()};
    std::uniform_real_distribution<> chance_{0, 1};
};

ExitCode code_of(int signal) {
    return signal == SIGINT ? ExitCode::interrupted : ExitCode::terminated;
}

} // namespace

RunResult run_pending(database::Connection& connection, history::History& history, const history::Lock& lock,
                      const std::string& run, const std::vector<Pending>& pending, worker::Host& host,
                      const RunOptions& options, report::Events& events) {
    RunResult result;
    if (options.roll_back_all)
        std::ignore = connection.script("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE").or_throw();
    history.prepare(connection, run, options.lock_timeout);
    const Notices notices(connection, events);
    Run all(connection, history, lock, run, pending, host, options, events);
    for (std::size_t i = 0; i < pending.size(); ++i) {
        if (process::interrupt() != 0) { // it came during a COMMIT, which counts
            result.interrupted = true;
            result.code = code_of(process::interrupt());
            break;
        }
        const plugin::Version& version = pending[i].library.version;
        const bool backwards = pending[i].backwards();
        if (options.before)
            options.before(pending[i]);
        events.started(pending[i].label(), i + 1, pending.size());
        const auto begun = steady_clock::now();
        Attempt tried = all.migrate(pending[i], i > 0);
        const auto took = std::chrono::duration_cast<microseconds>(steady_clock::now() - begun);
        if (tried.failure) {
            if (tried.failure->outcome.empty())
                tried.failure->outcome = outcome_text(tried, pending[i]);
            if (options.roll_back_all)
                tried.failure->outcome = tried.partly_applied
                                             ? "it ended the transaction of the whole run, so what this run "
                                               "did before may be committed "
                                               "and recorded: `dibs status` tells"
                                             : "rolled back, as everything in this run";
            result.interrupted = tried.interrupted;
            result.code = tried.interrupted      ? code_of(process::interrupt())
                          : tried.partly_applied ? ExitCode::partly_applied
                                                 : ExitCode::rolled_back;
            events.failed(*tried.failure); // first: noting it may find the connection broken
            if (!tried.connection_lost && !options.roll_back_all)
                all.note_end(tried.partly_applied && !pending[i].library.note.transaction ? "interrupted"
                                                                                          : "failed",
                             *tried.failure, took);
            result.failure = std::move(tried.failure);
            break;
        }
        if (backwards)
            events.rolled_back(version.to_string(), took);
        else
            events.applied(version.to_string(), took);
        (backwards ? result.rolled_back : result.applied).push_back({version, took});
        if (tried.connection_lost)
            throw report::Failure(
                ExitCode::unreachable,
                fmt::format("the connection was lost during the COMMIT of {}, which is {} all the same",
                            version.to_string(), backwards ? "rolled back" : "applied"),
                fmt::format("{} left. Run dibs again.",
                            report::counted(pending.size() - i - 1, "migration")));
        if (tried.lock_lost)
            throw report::Failure(ExitCode::lock_not_obtained,
                                  fmt::format("{} released the migration lock, and another run has it now",
                                              version.to_string()),
                                  "A migration must not call pg_advisory_unlock_all(). What was applied "
                                  "before is recorded: run "
                                  "dibs again when the other run is done.");
    }
    const auto status = connection.transaction_status();
    if (status == database::TransactionStatus::open || status == database::TransactionStatus::failed)
        std::ignore = connection.script("ROLLBACK").or_throw();
    return result;
}

} // namespace dibs::migration
