#include <algorithm>

#include <fmt/format.h>

#include "cli/build.hpp"
#include "cli/library_safety.hpp"
#include "cli/project.hpp"
#include "cli/strict.hpp"
#include "migration/drift.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using migration::Entry;
using migration::State;
using report::ExitCode;
using report::Style;

Style style_of(State state) {
    switch (state) {
    case State::applied:
    case State::baseline:
    case State::retired:
        return Style::good;
    case State::pending:
    case State::running:
    case State::rolling_back:
        return Style::strong;
    default:
        return Style::warning;
    }
}

/// What to do about migrations that are not built as they stand, or were begun and not ended.
void advise(const migration::Plan& plan, report::Sink& sink) {
    const auto any = [&](State state) {
        return std::any_of(plan.entries.begin(), plan.entries.end(),
                           [&](const Entry& entry) { return entry.state() == state; });
    };
    if (any(State::not_built))
        sink.out("not built: build the migrations (cmake --build build).");
    if (any(State::stale))
        sink.out(
            "stale: the source was edited since the library was built; build again (cmake --build build).");
    if (any(State::interrupted))
        sink.out("interrupted: begun, and what it did before it stopped stays. `dibs migrate` goes on after "
                 "its last step that is done, or begins it again where none is.");
    if (any(State::running))
        sink.out(
            "running: a run is at it, or the session of one that was killed. `dibs migrate` waits for it.");
    if (any(State::rollback_interrupted))
        sink.out(
            "rollback interrupted: rollback() was begun, and what it undid before it stopped is undone. "
            "`dibs rollback` goes on after its last step that is done, or begins it again where none is.");
    if (any(State::rolling_back))
        sink.out("rolling back: a run is at it, or the session of one that was killed. `dibs rollback` waits "
                 "for it.");
}

report::StatusRow row_of(const Entry& entry) {
    report::StatusRow row;
    row.version = entry.label();
    row.name = entry.version ? entry.version->name() : entry.label();
    row.state = name_of(entry.state());
    row.out_of_order = entry.out_of_order || (entry.applied && entry.applied->out_of_order);
    if (entry.applied) {
        row.applied_at = entry.applied->applied_at;
        row.duration_ms = entry.applied->duration_ms;
        if (!entry.applied->applied_by.empty())
            row.applied_by = entry.applied->applied_by;
        if (!entry.applied->checksum.empty())
            row.checksum = entry.applied->checksum;
    }
    if (entry.library) {
        row.library = entry.library->path;
        row.transaction = entry.library->note.transaction;
        row.reversible = entry.library->has_rollback;
        if (!entry.library->note.description.empty())
            row.description = entry.library->note.description;
    }
    if (entry.source)
        row.source = *entry.source;
    if (entry.unfinished) {
        if (!entry.unfinished->begun_at.empty())
            row.begun_at = entry.unfinished->begun_at;
        for (const history::Step& step : entry.unfinished->steps)
            row.steps.push_back({step.name, step.done_at, step.duration_ms});
        for (const history::Backfill& backfill : entry.unfinished->backfills)
            row.backfills.push_back(
                {backfill.name, backfill.shown_state(), backfill.rows, backfill.percent()});
    }
    return row;
}

/// What is done of one that is not applied, or of a rollback().
void print_steps(const history::Unfinished& unfinished, report::Sink& sink) {
    if (!unfinished.begun_at.empty())
        sink.out(fmt::format("  {}begun on {} UTC", unfinished.backwards ? "rollback() " : "",
                             report::moment(unfinished.begun_at)));
    for (const history::Step& step : unfinished.steps)
        sink.out(fmt::format("  step \"{}\" {}done on {} UTC, {}", report::harmless(step.name),
                             unfinished.backwards ? "of rollback() " : "", report::moment(step.done_at),
                             report::took(step.duration_ms)));
    for (const history::Backfill& backfill : unfinished.backfills)
        for (const std::string& line : backfill_lines(backfill))
            sink.out("  " + line);
}

void print_table(const migration::Plan& plan, report::Sink& sink) {
    std::vector<std::vector<std::string>> rows{{"State", "Version", "Applied (UTC)", "Took"}};
    for (const Entry& entry : plan.entries) {
        const State state = entry.state();
        const std::string at = entry.applied ? report::moment(entry.applied->applied_at) : "";
        const std::string took = entry.applied ? report::took(entry.applied->duration_ms) : "";
        std::string version = report::harmless(entry.label()); // a row may say anything
        if (entry.out_of_order)
            version += " (out of order)";
        rows.push_back({sink.paint(style_of(state), name_of(state)), version, at, took});
    }
    const std::vector<std::string> lines = report::aligned(rows);
    sink.out(lines.front());
    for (std::size_t i = 0; i < plan.entries.size(); ++i) {
        sink.out(lines[i + 1]);
        const std::optional<plugin::Library>& library = plan.entries[i].library;
        if (sink.verbosity().verbose && library && !library->note.description.empty())
            sink.out("  " + library->note.description); // apart from the columns, which it would spread
        if (plan.entries[i].unfinished)
            print_steps(*plan.entries[i].unfinished, sink);
    }
    sink.out("");
}

ExitCode run(Invocation& invocation) {
    build(invocation);
    Files files(invocation, false);
    database::Connection connection = connect(invocation);
    const Look seen = look(connection, invocation.settings);
    history::Contents contents = seen.history.read_all(connection);
    std::vector<plugin::Library> libraries = files.libraries();
    LibrarySafety(invocation).tell_exposed(files.listed(), libraries);
    migration::Plan plan =
        migration::make_plan(std::move(libraries), files.sources(), std::move(contents.applied));
    migration::add_unfinished(plan, std::move(contents.unfinished));
    if (!contents.knows_unfinished) {
        const history::Location location = history_location(invocation.settings);
        invocation.sink.warn(
            fmt::format("this role may not read {} and {}, so one that was interrupted is shown as "
                        "pending. GRANT SELECT on both mends it.",
                        location.attempts(), location.steps()));
    }
    for (Entry& entry : plan.entries)
        migration::check_stale(entry);
    migration::compare_sources(plan, seen.history, connection);
    const std::vector<migration::Disagreement> drift = migration::find_drift(plan);
    const bool strict = is_strict(invocation);
    const bool refused = migration::refusal(drift, strict).has_value();

    const std::size_t pending = plan.pending_count();
    if (invocation.json()) {
        report::StatusDocument document{connection.describe(), plan.applied_count(), pending, {}};
        for (const Entry& entry : plan.entries)
            document.migrations.push_back(row_of(entry));
        invocation.sink.raw(report::to_json(document, invocation.sink.redactor()));
    } else {
        report::Sink& sink = invocation.sink;
        if (!plan.entries.empty())
            print_table(plan, sink);
        sink.out(fmt::format("{} applied, {} pending on {}", plan.applied_count(), pending,
                             connection.describe()));
        for (const migration::Disagreement& disagreement : drift)
            sink.out(fmt::format("{}\n  {}", sentence(disagreement), resolution(disagreement)));
        advise(plan, sink);
        if (plan.entries.empty())
            sink.out("There are no migrations yet: `dibs generate NAME` writes the first.");
    }
    if (refused && strict)
        return ExitCode::disagreement;
    if (!invocation.arguments.has("exit-code"))
        return ExitCode::done;
    const auto any = [&](auto is) { return std::any_of(plan.entries.begin(), plan.entries.end(), is); };
    if (pending > 0 || any([](const Entry& entry) { return entry.applied && entry.unfinished; }))
        return ExitCode::pending;
    // Stale, or begun and nothing is left here that could go on with it.
    const bool differs =
        any([](const Entry& entry) { return entry.stale || (!entry.applied && !entry.is_pending()); });
    return refused || differs ? ExitCode::disagreement : ExitCode::done;
}

} // namespace

Command status_command() {
    return {
        .name = "status",
        .summary = "shows every migration and its state",
        .details =
            "Runs the `build:` of dibs.yaml, if there is one, and holds the libraries and their sources "
            "against the history in the database: applied, pending, changed, missing, newer, foreign, "
            "retired, baseline, not built, stale, interrupted, running, rollback interrupted, rolling back. "
            "Writes nothing there, loads no "
            "library.",
        .json =
            "{\"database\", \"applied\", \"pending\", \"migrations\": [{\"version\", \"name\", \"state\", "
            "\"applied_at\", \"duration_ms\", ...}]}",
        .examples = {"dibs status", "dibs status --exit-code  # 3: pending, 7: something else disagrees",
                     "dibs status --json | jq .pending"},
        .options =
            {{.name = "exit-code",
              .help = "end with 3 when anything is pending, 7 where something else is not as it should be"},
             strict_option(),
             no_build_option()},
        .run = run,
    };
}

} // namespace dibs::cli
