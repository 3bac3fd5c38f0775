#include "cli/run.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "cli/build.hpp"
#include "cli/library_safety.hpp"
#include "cli/moved_schema.hpp"
#include "process/interrupt.hpp"
#include "report/terminal.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using migration::Pending;
using report::ExitCode;
using report::Failure;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Keeps what happens for the JSON document; what migrations print must not get between its lines.
class DocumentEvents final : public report::Events {
  public:
    DocumentEvents(report::RunDocument& document, report::Sink& sink) : document_(document), sink_(sink) {}
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
    void backfill(std::string_view version, const report::BackfillProgress& progress) override {
        const auto now = steady_clock::now();
        if (!progress.finished && now - told_ < std::chrono::seconds(10))
            return;
        told_ = now;
        // While it runs there is no document yet: a line of JSON each, on standard error.
        sink_.error(report::to_json_line(version, progress));
        if (progress.finished)
            document_.backfills.push_back({std::string(version), progress.name, progress.rows});
    }
    void applied(std::string_view version, microseconds took) override {
        document_.applied->push_back({std::string(version), took.count()});
    }
    void rolled_back(std::string_view version, microseconds took) override {
        document_.rolled_back->push_back({std::string(version), took.count()});
    }
    void failed(const report::MigrationFailure& failure) override {
        document_.failure = failure;
        for (const std::string& line : report::failure_lines(failure, sink_))
            sink_.error(line);
    }

  private:
    report::RunDocument& document_;
    report::Sink& sink_;
    steady_clock::time_point told_ = steady_clock::now();
};

/// Taken back for another plan: copies of thousands would cost more than reading the history.
std::vector<plugin::Library> libraries_of(migration::Plan plan) {
    std::vector<plugin::Library> libraries;
    for (migration::Entry& entry : plan.entries)
        if (entry.library)
            libraries.push_back(*std::move(entry.library));
    return libraries;
}

std::size_t widest_label(const std::vector<Pending>& todo) {
    std::size_t widest = 0;
    for (const Pending& each : todo)
        widest = std::max(widest, each.label().size());
    return widest;
}

void refuse_without_transaction(const std::vector<Pending>& todo) {
    for (std::size_t i = 0; i < todo.size(); ++i) {
        if (todo[i].library.note.transaction)
            continue;
        const std::string version = todo[i].library.version.to_string();
        std::string hint = "Do it in earnest, or not at all.";
        if (!todo[i].backwards())
            hint = i == 0 ? "Apply it first."
                          : fmt::format("Try those before it with --to {}.",
                                        todo[i - 1].library.version.to_string());
        throw Failure(ExitCode::usage,
                      fmt::format("{} has no transaction, so it cannot be tried and rolled back", version),
                      hint + " Nothing was changed.");
    }
}

} // namespace

std::string remark_of(const migration::Entry& entry) {
    if (!entry.unfinished)
        return "";
    if (entry.unfinished->steps.empty())
        return "interrupted: begins again";
    return fmt::format("interrupted: goes on after \"{}\"",
                       report::harmless(entry.unfinished->steps.back().name));
}

Run::Run(Invocation& invocation, RunWords words)
    : invocation_(invocation), sink_(invocation.sink), dry_run_(invocation.arguments.value("dry-run")),
      times_(run_times(invocation)), files_(invocation, true), connection_(connect(invocation)),
      words_(words) {
    document_.database = connection_.describe();
    document_.dry_run = dry_run_.has_value();
}

ExitCode Run::operator()() {
    const auto begun = steady_clock::now();
    // The history is read while the libraries are, which changes nothing; their troubles are told first.
    std::packaged_task<Seen()> asking([this] { return ask(); });
    asking();
    std::vector<plugin::Library> libraries = files_.libraries();
    if (files_.empty())
        sink_.warn(fmt::format("no migrations in {}", invocation_.settings.libraries.string()));
    LibrarySafety safety(invocation_);
    safety.refuse_exposed(files_.listed(), libraries);
    auto [seen, contents] = asking.get_future().get();
    plan_ = migration::make_plan(std::move(libraries), files_.sources(), std::move(contents.applied));
    migration::add_unfinished(plan_, std::move(contents.unfinished));
    const std::vector<Pending> todo = choose(plan_, seen, false);
    nothing_ = todo.empty();
    for (const Pending& each : todo)
        safety.refuse_search_path(each.library);
    if (!nothing_)
        safety.refuse_search_path_of_environment(invocation_.arguments.has("in-process"));
    ExitCode code = ExitCode::done;
    if (nothing_ || dry_run_ == "plan")
        list(todo);
    else
        code = carry_out(seen, todo);
    finish(std::chrono::duration_cast<microseconds>(steady_clock::now() - begun));
    return code;
}

Run::Seen Run::ask() {
    Look seen = look(connection_, invocation_.settings);
    history::Contents contents;
    if (dry_run_ == "plan") // else what is unfinished is asked for under the lock
        contents = seen.history.read_all(connection_);
    else
        contents.applied = seen.history.read(connection_);
    return {std::move(seen), std::move(contents)};
}

std::string Run::counted(std::size_t functions) const {
    return report::counted(migrations(functions), "migration");
}

void Run::list(const std::vector<Pending>& todo) {
    if (!todo.empty())
        sink_.say(fmt::format(fmt::runtime(words_.would), counted(todo.size()), connection_.describe()) +
                  ":");
    for (const Pending& each : todo) {
        std::string how = each.library.note.transaction ? "" : "no transaction";
        if (!each.remark.empty())
            how += (how.empty() ? "" : "; ") + each.remark;
        sink_.out(fmt::format("  {}{}", each.label(), how.empty() ? "" : fmt::format("  ({})", how)));
    }
    note_left(document_, todo);
}

ExitCode Run::carry_out(Look& seen, const std::vector<Pending>& first) {
    refuse_standby(seen.facts);
    process::note_interrupts(); // up to here there is nothing to clean up
    const bool in_process = invocation_.arguments.has("in-process");
    report::TerminalEvents terminal(sink_, widest_label(first),
                                    !in_process); // there, migrations print by themselves
    DocumentEvents documented(document_, sink_);
    report::Events& events = invocation_.json() ? static_cast<report::Events&>(documented) : terminal;
    const auto host = in_process
                          ? worker::this_process()
                          : worker::separate_process([&](std::string_view line) { events.output(line); });
    std::map<plugin::Version, std::size_t> loaded;
    std::vector<plugin::Expected> wanted;
    for (const Pending& each : first)
        if (loaded.emplace(each.library.version, wanted.size()).second)
            wanted.push_back(plugin::expected(each.library));
    host->load(wanted);

    check_role();
    history::Lock lock =
        lock_history(connection_, seen, times_.lock_wait,
                     [&](const history::Holder& holder) { events.waiting_for_lock(describe(holder)); });
    seen = look(connection_, invocation_.settings);
    history::Contents contents = seen.history.read_all(connection_);
    plan_ =
        migration::make_plan(libraries_of(std::move(plan_)), files_.sources(), std::move(contents.applied));
    migration::add_unfinished(plan_, std::move(contents.unfinished));
    std::vector<Pending> todo = choose(plan_, seen, true);
    std::erase_if(todo, [&](const Pending& each) { return !loaded.contains(each.library.version); });
    for (Pending& each : todo)
        each.loaded = loaded.at(each.library.version);
    wanted_ = todo.size();
    if (todo.empty()) {
        sink_.say("Another run has done it all meanwhile.");
        return ExitCode::done;
    }
    const ExitCode code = execute(seen, lock, todo, *host, events);
    if (!lock.release())
        sink_.warn("the migration lock was not held to the end: a migration released it, and another run may "
                   "have begun meanwhile. `dibs status` tells what is applied.");
    return code;
}

void Run::check_role() {
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

ExitCode Run::execute(Look& seen, const history::Lock& lock, const std::vector<Pending>& todo,
                      worker::Host& host, report::Events& events) {
    migration::RunOptions options(seen.facts);
    options.roll_back_all = dry_run_.has_value();
    options.lock_timeout = times_.lock_timeout.value_or(options.lock_timeout);
    options.lock_wait = times_.lock_wait;
    options.role = invocation_.settings.role.value_or("");
    options.time_limit = times_.migration;
    options.retry = {times_.lock_attempts, times_.lock_retry_time};
    MovedSchema moved(invocation_);
    if (!options.roll_back_all) // else what the run has done is seen by its own connection alone
        options.before = [&](const Pending& each) { moved.look(each); };
    if (options.roll_back_all) {
        refuse_without_transaction(todo);
        sink_.say(
            "Running in one transaction that is rolled back at the end; it holds every lock until then.");
    }
    sink_.say(fmt::format(fmt::runtime(options.roll_back_all ? words_.tries : words_.does),
                          counted(todo.size()), connection_.describe()));
    if (!sink_.flush())
        throw Failure(ExitCode::other, sink_.trouble(),
                      "Lead it somewhere that can be written. Nothing was changed.");
    result_ =
        migration::run_pending(connection_, seen.history, lock, run_name(), todo, host, options, events);
    const std::size_t done = result_.rolled_back.size() + result_.applied.size();
    note_left(document_, {todo.begin() + static_cast<std::ptrdiff_t>(done), todo.end()});
    return result_.code;
}

std::string Run::summary() const {
    const std::size_t done = result_.rolled_back.size() + result_.applied.size();
    std::string parts;
    if (dry_run_)
        parts = fmt::format("{} tried", done);
    else if (document_.rolled_back)
        parts = fmt::format("{} rolled back", result_.rolled_back.size());
    if (!dry_run_ && document_.applied)
        parts += fmt::format("{}{} applied", parts.empty() ? "" : ", ", result_.applied.size());
    if (result_.interrupted)
        return fmt::format("Interrupted: {}, {} not", parts, wanted_ - done);
    if (result_.failure)
        return fmt::format("{}, 1 failed, {} not run", parts, wanted_ - done - 1);
    return fmt::format(fmt::runtime(dry_run_ ? words_.tried : words_.has_done), counted(done));
}

void Run::finish(microseconds took) {
    document_.duration_us = took.count();
    document_.round_trips = connection_.round_trips();
    if (invocation_.json()) {
        sink_.raw(report::to_json(document_, sink_.redactor()));
        return;
    }
    if (nothing_)
        sink_.say(fmt::format("{} on {}", nothing_to_do(plan_), connection_.describe()));
    else if (dry_run_ != "plan")
        sink_.say(fmt::format("{}, {}", summary(), report::duration(took)));
    sink_.detail(report::counted(connection_.round_trips(), "round trip"));
}

Option dry_run_option(std::string help) {
    return {.name = "dry-run",
            .value = "HOW",
            .implied = "plan",
            .help = std::move(help) + "; =execute runs it in one transaction and rolls back",
            .choices = {{"plan", "list it"}, {"execute", "run it in one transaction and roll back"}}};
}

std::vector<Option> run_options() {
    std::vector<Option> options = run_time_options();
    options.push_back({.name = "in-process", .help = "run migrations in dibs's own process, for a debugger"});
    options.push_back(allow_unsafe_option());
    options.push_back(no_build_option());
    return options;
}

} // namespace dibs::cli
