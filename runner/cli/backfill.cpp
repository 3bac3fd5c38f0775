#include <algorithm>

#include <fmt/format.h>

#include "cli/project.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using history::Backfill;
using report::ExitCode;
using report::Failure;

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

report::BackfillRow row_of(const Backfill& backfill) {
    return {backfill.name,
            backfill.version,
            backfill.shown_state(),
            backfill.rows,
            backfill.percent(),
            backfill.batches,
            backfill.pass,
            backfill.begun_at,
            unless_empty(backfill.changed_at),
            unless_empty(backfill.finished_at),
            unless_empty(backfill.paused_by),
            unless_empty(backfill.waits),
            backfill.definition};
}

void list(Invocation& invocation, const std::string& database, const std::vector<Backfill>& all) {
    report::Sink& sink = invocation.sink;
    if (invocation.json()) {
        report::BackfillDocument document{database, {}};
        std::transform(all.begin(), all.end(), std::back_inserter(document.backfills), row_of);
        sink.raw(report::to_json(document, sink.redactor()));
        return;
    }
    if (all.empty()) {
        sink.out(fmt::format("No backfill has begun on {}", database));
        return;
    }
    for (const Backfill& backfill : all)
        for (const std::string& line : backfill_lines(backfill))
            sink.out(line);
}

/// With what the history knows of their migrations.
std::vector<Backfill> look_up(database::Connection& connection, const history::History& history,
                              const std::string& name) {
    const history::Backfills& backfills = history.backfills();
    if (!backfills.state().exists)
        return {};
    std::vector<Backfill> all = backfills.called(connection, name);
    const history::Contents contents = history.read_all(connection);
    for (Backfill& backfill : all)
        if (contents.knows_unfinished)
            backfill.at_work = std::any_of(
                contents.unfinished.begin(), contents.unfinished.end(), [&](const history::Unfinished& each) {
                    return each.running && each.version &&
                           backfill.version == history::Backfills::key(*each.version, each.backwards);
                });
    return all;
}

/// The one that is meant: of those that have the name in several migrations, the one that is not finished.
const Backfill& chosen(const std::vector<Backfill>& all, const std::string& name) {
    const auto unfinished =
        std::find_if(all.begin(), all.end(), [](const Backfill& each) { return each.state != "finished"; });
    if (unfinished != all.end())
        return *unfinished;
    if (all.empty())
        throw Failure(ExitCode::usage, fmt::format("no backfill is called \"{}\"", report::harmless(name)),
                      "`dibs backfill status` lists them. Nothing was changed.");
    throw Failure(ExitCode::other, fmt::format("the backfill \"{}\" is finished", report::harmless(name)),
                  "Nothing was changed.");
}

void set_state(Invocation& invocation, database::Connection& connection, const Look& seen,
               const std::string& action, const std::string& name) {
    const std::string state = action == "pause" ? "paused" : "running";
    const history::Backfills& backfills = seen.history.backfills();
    const Backfill backfill =
        chosen(backfills.state().exists ? backfills.called(connection, name) : std::vector<Backfill>{}, name);
    const database::Outcome outcome =
        connection.script(backfills.set_state(connection, backfill, state)).or_throw();
    const bool changed = outcome.results.back().rows_affected() > 0;
    const std::vector<Backfill> now = backfills.called(connection, name);
    const auto same = std::find_if(now.begin(), now.end(),
                                   [&](const Backfill& each) { return each.version == backfill.version; });
    const std::string is = same == now.end() ? "gone" : same->state;
    if (!changed && is != state) // it came to its end meanwhile
        throw Failure(ExitCode::other, fmt::format("the backfill \"{}\" is {}", report::harmless(name), is),
                      "Nothing was changed.");
    if (invocation.json()) {
        invocation.sink.raw(report::to_json({{"name", name}, {"version", backfill.version}, {"state", state}},
                                            invocation.sink.redactor()));
        return;
    }
    invocation.sink.say(fmt::format("backfill \"{}\" of {} {} {}{}", report::harmless(name), backfill.version,
                                    changed ? "is" : "was", changed ? "" : "already ",
                                    state == "paused"
                                        ? "paused; it stops behind the batch that it is at"
                                        : "free to go on; a run that waits does, else `dibs migrate` does"));
}

ExitCode run(Invocation& invocation) {
    const std::vector<std::string>& words = invocation.arguments.words();
    const std::string& action = words.front();
    if (action != "status" && words.size() < 2)
        throw Failure(ExitCode::usage, fmt::format("dibs backfill {}: NAME is missing", action),
                      "`dibs backfill status` lists the names.");
    database::Connection connection = connect(invocation);
    const Look seen = look(connection, invocation.settings);
    const std::string name = words.size() > 1 ? words[1] : "";
    try {
        if (action != "status")
            set_state(invocation, connection, seen, action, name);
        else
            list(invocation, connection.describe(), look_up(connection, seen.history, name));
    } catch (const database::StatementError& error) {
        throw Failure(ExitCode::other,
                      fmt::format("cannot {} the backfills: {} ({})", action == "status" ? "read" : "change",
                                  error.said().message, error.said().sqlstate),
                      "The role needs SELECT and UPDATE on the table of the backfills, beside the history.");
    }
    return ExitCode::done;
}

} // namespace

std::vector<std::string> backfill_lines(const Backfill& backfill) {
    std::string line = fmt::format("backfill \"{}\" of {}: {}", report::harmless(backfill.name),
                                   report::harmless(backfill.version), backfill.shown_state());
    if (backfill.state == "paused")
        line += " by " + report::harmless(backfill.paused_by);
    if (const auto percent = backfill.percent(); percent && backfill.state != "finished")
        line += fmt::format(", {} %", *percent);
    if (backfill.pass > 1)
        line += fmt::format(", pass {}", backfill.pass);
    line += fmt::format(", {} changed", report::counted(static_cast<std::size_t>(backfill.rows), "row"));
    std::vector<std::string> lines{std::move(line)};
    if (!backfill.waits.empty() && backfill.shown_state() == "running")
        lines.push_back("  waits, " + report::harmless(backfill.waits));
    lines.push_back("  " + report::harmless(backfill.definition));
    std::string times = fmt::format("  begun on {} UTC", report::moment(backfill.begun_at));
    if (!backfill.finished_at.empty())
        times += fmt::format(", finished on {} UTC", report::moment(backfill.finished_at));
    else if (!backfill.changed_at.empty())
        times += fmt::format(", last batch on {} UTC", report::moment(backfill.changed_at));
    lines.push_back(std::move(times));
    return lines;
}

Command backfill_command() {
    return {
        .name = "backfill",
        .words = "[NAME]",
        .subcommands = {{"status", "how far each is, or the one of this name"},
                        {"pause", "let the run that is at it wait behind its present batch"},
                        {"resume", "let it go on"}},
        .summary = "shows, pauses and resumes backfills",
        .details =
            "What migrations have begun with ctx.backfill(). A run that is paused waits, and holds no "
            "lock on the table meanwhile; one that is started waits as well, until the backfill is resumed.",
        .json = "{\"database\", \"backfills\": [{\"name\", \"version\", \"state\", \"rows\", \"percent\", "
                "...}]}; pause and resume: {\"name\", \"version\", \"state\"}",
        .examples = {"dibs backfill status", "dibs backfill pause backfill_user_data"},
        .least_words = 1,
        .most_words = 2,
        .run = run,
    };
}

} // namespace dibs::cli
