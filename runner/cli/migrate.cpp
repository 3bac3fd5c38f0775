#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/build.hpp"
#include "cli/library_safety.hpp"
#include "cli/project.hpp"
#include "config/duration.hpp"
#include "history/lock.hpp"
#include "history/pooler.hpp"
#include "migration/executor.hpp"
#include "process/interrupt.hpp"
#include "report/json.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using migration::Entry;
using migration::Pending;
using migration::State;
using report::ExitCode;
using report::Failure;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Keeps what happens for the JSON document; what migrations print must not get between its lines.
class DocumentEvents final : public report::Events {
  public:
    DocumentEvents(report::MigrateDocument& document, report::Sink& sink)
        : document_(document), sink_(sink) {}
    void waiting_for_lock(std::string_view) override {}
    void started(std::string_view, std::size_t, std::size_t) override {}
    void log(std::string_view version, std::string_view text) override {
        document_.output.push_back(fmt::format("{}: {}", version, text));
    }
    void notice(std::string_view severity, std::string_view text) override {
        document_.output.push_back(fmt::format("{}: {}", severity, text));
    }
    void output(std::string_view line) override { document_.output.emplace_back(line); }
    void retrying(std::string_view version, std::string_view text) override { log(version, text); }
    void remark(std::string_view version, std::string_view text) override { log(version, text); }
    void step_done(std::string_view version, std::string_view step, microseconds took) override {
        document_.steps.push_back({std::string(version), std::string(step), took.count(), {}});
    }
    void step_passed_over(std::string_view version, std::string_view step,
                          std::string_view done_at) override {
        document_.steps.push_back({std::string(version), std::string(step), 0, std::string(done_at)});
    }
    void progress(std::string_view, std::string_view) override {}
    void applied(std::string_view version, microseconds took) override {
        document_.applied.push_back({std::string(version), took.count()});
    }
    void failed(const report::MigrationFailure& failure) override {
        document_.failure = failure;
        for (const std::string& line : report::failure_lines(failure, sink_))
            sink_.error(line);
    }

  private:
    report::MigrateDocument& document_;
    report::Sink& sink_;
};

/// What of the plan this run is about, in order.
std::vector<Entry*> chosen(migration::Plan& plan, const std::optional<std::string>& target) {
    std::vector<Entry*> entries;
    std::optional<plugin::Version> last;
    if (target)
        last = migration::find_version(plan, *target).version;
    for (Entry& entry : plan.entries)
        if (entry.is_pending() && (!last || *entry.version <= *last))
            entries.push_back(&entry);
    return entries;
}

std::string listed(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += "\n  " + line;
    return text;
}

/// Everything that can be known without SQL and would stop a run half-way.
void check(const std::vector<Entry*>& pending, bool allow_out_of_order) {
    std::vector<std::string> unbuilt;
    std::vector<std::string> out_of_order;
    for (const Entry* const entry : pending) {
        const State state = entry->state();
        if (state == State::not_built || state == State::stale) {
            unbuilt.push_back(fmt::format("{} is {}", entry->label(), name_of(state)));
            continue;
        }
        if (const auto refusal = plugin::refusal(entry->library->note))
            throw Failure(ExitCode::other,
                          fmt::format("{} cannot be loaded: {}", entry->library->path, refusal->reason),
                          refusal->hint + " Nothing was changed.");
        if (entry->out_of_order)
            out_of_order.push_back(entry->label());
    }
    if (!unbuilt.empty())
        throw Failure(ExitCode::other, "the libraries are not up to date:" + listed(unbuilt),
                      "Build them (cmake --build build) and run dibs again. Nothing was changed.");
    if (!out_of_order.empty() && !allow_out_of_order)
        throw Failure(ExitCode::disagreement,
                      "older than a migration that is applied already:" + listed(out_of_order),
                      "Give them a newer timestamp (rename the source), or apply them as they are with "
                      "--allow-out-of-order. Nothing was changed.");
}

void warn_of_drift(const migration::Plan& plan, report::Sink& sink) {
    for (const Entry& entry : plan.entries) {
        if (entry.state() == State::changed)
            sink.warn(fmt::format(
                "{} was changed after it was applied. Undo the edit, and put what you need into a new "
                "migration.",
                entry.label()));
        else if (entry.state() == State::missing)
            sink.warn(fmt::format("{} is applied, but there is no library of it. `dibs status` tells more.",
                                  entry.label()));
    }
}

/// What is worth knowing of a migration before it runs.
std::string how(const Entry& entry) {
    if (entry.library->note.transaction)
        return "";
    if (!entry.unfinished)
        return "  (no transaction)";
    if (entry.unfinished->steps.empty())
        return "  (no transaction; interrupted: begins again)";
    return fmt::format("  (no transaction; interrupted: goes on after \"{}\")",
                       report::harmless(entry.unfinished->steps.back().name));
}

std::string run_name() {
    const auto now =
        std::chrono::duration_cast<microseconds>(std::chrono::system_clock::now().time_since_epoch());
    return fmt::format("{}-{}", now.count(), getpid());
}

/// How long what may take: the command line before dibs.yaml.
struct Times {
    std::optional<milliseconds> timeout;
    milliseconds wait;
    unsigned attempts;
    milliseconds retry_time;
    milliseconds migration; ///< may take
};

Times times_of(const Invocation& invocation) {
    const auto duration = [&](const char* name) -> std::optional<milliseconds> {
        const std::optional<std::string> text = invocation.arguments.value(name);
        if (!text)
            return std::nullopt;
        const std::optional<milliseconds> value = config::parse_duration(*text);
        if (!value)
            throw Failure(ExitCode::usage, fmt::format("--{} takes a duration, not '{}'", name, *text),
                          "Write a whole number and a unit: 500ms, 5s, 2min or 1h.");
        return value;
    };
    Times options{duration("lock-timeout"), duration("lock-wait").value_or(invocation.settings.lock_wait),
                  invocation.settings.lock_attempts,
                  duration("lock-retry-time").value_or(invocation.settings.lock_retry_time),
                  duration("migration-timeout").value_or(invocation.settings.migration_timeout)};
    if (options.timeout == milliseconds(0))
        throw Failure(ExitCode::usage, "a --lock-timeout of 0 would wait without end",
                      "Give a duration such as 5s.");
    if (!options.timeout)
        options.timeout = invocation.settings.lock_timeout;
    if (const std::optional<std::string> text = invocation.arguments.value("lock-attempts")) {
        const std::optional<unsigned> count = config::parse_count(*text);
        if (!count)
            throw Failure(ExitCode::usage,
                          fmt::format("--lock-attempts takes a number from 1 to 1000, not '{}'", *text),
                          "Give how often to try in all, as in --lock-attempts 3.");
        options.attempts = *count;
    }
    return options;
}

/// Taken back for another plan: copies of thousands would cost more than reading the history.
std::vector<plugin::Library> libraries_of(migration::Plan plan) {
    std::vector<plugin::Library> libraries;
    for (Entry& entry : plan.entries)
        if (entry.library)
            libraries.push_back(*std::move(entry.library));
    return libraries;
}

/// One call of `dibs migrate`.
class Run {
  public:
    explicit Run(Invocation& invocation)
        : invocation_(invocation), sink_(invocation.sink), target_(invocation.arguments.value("to")),
          dry_run_(invocation.arguments.value("dry-run")), times_(times_of(invocation)),
          files_(invocation, true), connection_(connect(invocation)) {
        document_.database = connection_.describe();
        document_.dry_run = dry_run_.has_value();
    }

    ExitCode operator()() {
        const auto begun = steady_clock::now();
        // One that cannot be read stops the run before its first SQL.
        std::vector<plugin::Library> libraries = files_.libraries();
        if (files_.empty())
            sink_.warn(fmt::format("no migrations in {}", invocation_.settings.libraries.string()));
        LibrarySafety safety(invocation_);
        safety.refuse_exposed(files_, libraries);
        Look seen = look(connection_, invocation_.settings);
        if (dry_run_ == "plan") { // who applies is told under the lock what was interrupted
            history::Contents contents = seen.history.read_all(connection_);
            plan_ = migration::make_plan(std::move(libraries), files_.sources(), std::move(contents.applied));
            migration::add_unfinished(plan_, std::move(contents.unfinished));
        } else {
            plan_ =
                migration::make_plan(std::move(libraries), files_.sources(), seen.history.read(connection_));
        }
        std::vector<Entry*> pending = chosen(plan_, target_);
        for (Entry* const entry : pending)
            migration::check_stale(*entry);
        warn_of_drift(plan_, sink_);
        check(pending, invocation_.arguments.has("allow-out-of-order"));
        for (const Entry* const entry : pending)
            safety.refuse_search_path(*entry->library);
        if (!pending.empty())
            safety.refuse_search_path_of_environment(invocation_.arguments.has("in-process"));
        ExitCode code = ExitCode::done;
        if (!pending.empty() && dry_run_ == "plan")
            list(pending);
        else if (!pending.empty())
            code = apply(seen, pending);
        finish(std::chrono::duration_cast<microseconds>(steady_clock::now() - begun), pending.empty());
        return code;
    }

  private:
    void list(const std::vector<Entry*>& pending) {
        sink_.say(fmt::format("Would apply {} to {}:", report::counted(pending.size(), "migration"),
                              connection_.describe()));
        for (const Entry* const entry : pending) {
            document_.pending.push_back(entry->label());
            sink_.out(fmt::format("  {}{}", entry->label(), how(*entry)));
        }
    }

    ExitCode apply(Look& seen, const std::vector<Entry*>& pending) {
        if (seen.facts.standby)
            throw Failure(ExitCode::other, "this server is a standby: it can be read only",
                          "Connect to the primary (several hosts: target_session_attrs=read-write). Nothing "
                          "was changed.");
        process::note_interrupts(); // up to here there is nothing to clean up
        const bool in_process = invocation_.arguments.has("in-process");
        std::size_t widest = 0;
        for (const Entry* const entry : pending)
            widest = std::max(widest, entry->label().size());
        report::TerminalEvents terminal(sink_, widest, !in_process); // there, migrations print by themselves
        DocumentEvents documented(document_, sink_);
        report::Events& events = invocation_.json() ? static_cast<report::Events&>(documented) : terminal;
        const auto host = in_process
                              ? worker::this_process()
                              : worker::separate_process([&](std::string_view line) { events.output(line); });
        std::map<plugin::Version, std::size_t> loaded;
        std::vector<plugin::Expected> wanted;
        for (const Entry* const entry : pending) {
            loaded.emplace(*entry->version, wanted.size());
            wanted.push_back(plugin::expected(*entry->library));
        }
        host->load(wanted);

        history::refuse_transaction_pooling(connection_, seen.facts);
        set_up_session();
        history::Lock lock(connection_, seen.history.lock_name(connection_), times_.wait,
                           [&](const history::Holder& holder) { events.waiting_for_lock(describe(holder)); });
        // What another run did in the meantime counts: everything is read again under the lock.
        seen = look(connection_, invocation_.settings);
        plan_ = migration::make_plan(libraries_of(std::move(plan_)), files_.sources(),
                                     seen.history.read(connection_));
        std::vector<Entry*> still = chosen(plan_, target_);
        std::erase_if(still, [&](const Entry* entry) { return !loaded.contains(*entry->version); });
        check(still, invocation_.arguments.has("allow-out-of-order"));
        std::vector<Pending> todo;
        for (const Entry* const entry : still)
            todo.push_back({*entry->library, loaded.at(*entry->version), entry->out_of_order});
        if (todo.empty()) {
            sink_.say("Another run has applied everything meanwhile.");
            return ExitCode::done;
        }
        const ExitCode code = execute(seen, lock, todo, *host, events);
        if (!lock.release())
            sink_.warn("the migration lock was not held to the end: a migration released it, and another run "
                       "may have "
                       "begun meanwhile. `dibs status` tells what is applied.");
        return code;
    }

    void set_up_session() {
        std::string sql = fmt::format(
            "{}", fmt::join(history::session_settings(connection_.server_version(), milliseconds(0)), "; "));
        std::ignore = connection_.script(sql).or_throw();
        const std::optional<std::string>& role = invocation_.settings.role;
        if (!role)
            return;
        const database::Outcome tried =
            connection_.script("SET ROLE " + connection_.quote_identifier(*role) + "; RESET ROLE");
        if (tried.error)
            throw Failure(
                ExitCode::other,
                fmt::format("cannot become the role \"{}\" of dibs.yaml: {}", *role, tried.error->message),
                "Create it, or make the one that connects a member of it (GRANT ... TO ...). Nothing was "
                "changed.");
    }

    ExitCode execute(Look& seen, const history::Lock& lock, const std::vector<Pending>& todo,
                     worker::Host& host, report::Events& events) {
        migration::RunOptions options(seen.facts);
        options.roll_back_all = dry_run_.has_value();
        options.lock_timeout = times_.timeout.value_or(options.lock_timeout);
        options.lock_wait = times_.wait;
        options.role = invocation_.settings.role.value_or("");
        options.time_limit = times_.migration;
        options.retry = {times_.attempts, times_.retry_time};
        if (options.roll_back_all) {
            for (std::size_t i = 0; i < todo.size(); ++i)
                if (!todo[i].library.note.transaction)
                    throw Failure(ExitCode::usage,
                                  fmt::format("{} has no transaction, so it cannot be tried and rolled back",
                                              todo[i].library.version.to_string()),
                                  i == 0
                                      ? "Apply it first. Nothing was changed."
                                      : fmt::format("Try those before it with --to {}. Nothing was changed.",
                                                    todo[i - 1].library.version.to_string()));
            sink_.say(
                "Running in one transaction that is rolled back at the end; it holds every lock until then.");
        }
        sink_.say(fmt::format("{} {} {}", options.roll_back_all ? "Trying" : "Applying",
                              report::counted(todo.size(), "migration"),
                              (options.roll_back_all ? "on " : "to ") + connection_.describe()));
        if (!sink_.flush())
            throw Failure(ExitCode::other, sink_.trouble(),
                          "Lead it somewhere that can be written. Nothing was changed.");
        const std::string run = run_name();
        const migration::RunResult result =
            migration::run_pending(connection_, seen.history, lock, run, todo, host, options, events);
        applied_ = result.applied.size();
        for (std::size_t i = applied_; i < todo.size(); ++i)
            document_.pending.push_back(todo[i].library.version.to_string());
        failed_ = result.failure.has_value();
        interrupted_ = result.interrupted;
        return result.code;
    }

    void finish(microseconds took, bool nothing_pending) {
        document_.duration_us = took.count();
        document_.round_trips = connection_.round_trips();
        if (invocation_.json()) {
            sink_.raw(report::to_json(document_, sink_.redactor()));
            return;
        }
        if (nothing_pending)
            sink_.say(fmt::format("Nothing to do: {} applied on {}", plan_.applied_count(),
                                  connection_.describe()));
        else if (interrupted_)
            sink_.say(fmt::format("Interrupted: {} {}, {} not, {}", applied_, dry_run_ ? "tried" : "applied",
                                  document_.pending.size(), report::duration(took)));
        else if (failed_)
            sink_.say(fmt::format("{} {}, 1 failed, {} not run, {}", applied_, dry_run_ ? "tried" : "applied",
                                  document_.pending.size() - 1, report::duration(took)));
        else if (dry_run_ == "execute")
            sink_.say(fmt::format("{} tried and rolled back, {}", report::counted(applied_, "migration"),
                                  report::duration(took)));
        else if (!dry_run_)
            sink_.say(fmt::format("{} applied, {}", report::counted(applied_, "migration"),
                                  report::duration(took)));
        sink_.detail(report::counted(connection_.round_trips(), "round trip"));
    }

    Invocation& invocation_;
    report::Sink& sink_;
    std::optional<std::string> target_;
    std::optional<std::string> dry_run_;
    Times times_;
    Files files_;
    database::Connection connection_;
    migration::Plan plan_;
    report::MigrateDocument document_;
    std::size_t applied_ = 0;
    bool failed_ = false;
    bool interrupted_ = false;
};

ExitCode run(Invocation& invocation) {
    build(invocation);
    return Run(invocation)();
}

} // namespace

Command migrate_command() {
    return {
        .name = "migrate",
        .summary = "applies what is pending",
        .details =
            "Runs the `build:` of dibs.yaml, if there is one; a build that fails ends it. Then runs each "
            "pending migration in its own transaction, in order of the timestamps, and records it in the "
            "same transaction. Stops at the first that fails: it is rolled back, those before it stay.",
        .json =
            "{\"database\", \"dry_run\", \"applied\": [{\"version\", \"duration_us\"}], \"pending\": [...], "
            "\"failure\": {\"version\", \"message\", \"sqlstate\", \"sql\", \"file\", \"line\", ...}, "
            "\"output\": [...], ...}",
        .examples = {"dibs migrate", "dibs migrate --dry-run", "dibs migrate --dry-run=execute",
                     "dibs migrate --to 2026_01_24_120000-create_users",
                     "dibs migrate --env production --wait 60"},
        .options =
            {{.name = "to",
              .value = "VERSION",
              .help = "stop after this one (the start of a version is enough)",
              .values = Values::versions},
             {.name = "dry-run",
              .value = "HOW",
              .implied = "plan",
              .help = "list what would be applied; =execute runs it in one transaction and rolls back",
              .choices = {{"plan", "list what would be applied"},
                          {"execute", "run it in one transaction and roll back"}}},
             {.name = "allow-out-of-order",
              .help = "apply migrations that are older than the newest applied one"},
             {.name = "lock-wait", .value = "DURATION", .help = "how long to wait for another run (60s)"},
             {.name = "lock-timeout",
              .value = "DURATION",
              .help = "how long a statement may wait for a lock (the server's deadlock_timeout and 500ms)"},
             {.name = "lock-attempts",
              .value = "N",
              .help = "how often to try a migration that does not get its locks (10)"},
             {.name = "lock-retry-time", .value = "DURATION", .help = "how long to go on trying (5min)"},
             {.name = "migration-timeout",
              .value = "DURATION",
              .help = "end a migration that takes longer (unlimited)"},
             {.name = "in-process", .help = "run migrations in dibs's own process, for a debugger"},
             allow_unsafe_option(),
             no_build_option()},
        .run = run,
    };
}

} // namespace dibs::cli
