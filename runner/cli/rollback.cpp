#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cli/build.hpp"
#include "cli/run.hpp"
#include "config/duration.hpp"
#include "migration/drift.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using migration::Entry;
using migration::Pending;
using migration::State;
using report::ExitCode;
using report::Failure;

/// Which migrations: the last so many, or those newer than one.
struct Extent {
    std::size_t count = 1;
    std::optional<std::string> to;
};

Extent extent_of(const Invocation& invocation) {
    Extent extent;
    extent.to = invocation.arguments.value("to");
    const std::vector<std::string>& words = invocation.arguments.words();
    if (words.empty())
        return extent;
    if (extent.to)
        throw Failure(ExitCode::usage, fmt::format("a number ({}) and --to say two things", words.front()),
                      "Give one of them.");
    const std::optional<unsigned> count = config::parse_count(words.front());
    if (!count)
        throw Failure(ExitCode::usage,
                      fmt::format("'{}' is no number of migrations from 1 to 1000", words.front()),
                      "Give how many, as in `dibs rollback 2`, or the version that shall stay the newest "
                      "with --to.");
    extent.count = *count;
    return extent;
}

/// What is applied, the last first.
std::vector<Entry*> newest_first(migration::Plan& plan, const Look& seen, database::Connection& connection) {
    std::map<std::string_view, Entry*> by_row;
    for (Entry& entry : plan.entries)
        if (entry.applied && entry.version)
            by_row.emplace(entry.applied->recorded, &entry);
    std::vector<Entry*> entries;
    for (const std::string& recorded : seen.history.newest_first(connection))
        if (const auto found = by_row.find(recorded); found != by_row.end())
            entries.push_back(found->second);
    return entries;
}

std::vector<Entry*> within(const Extent& extent, const migration::Plan& plan, std::vector<Entry*> applied) {
    if (extent.to) {
        const Entry& last = migration::find_version(plan, *extent.to);
        if (!last.applied)
            throw Failure(ExitCode::usage,
                          fmt::format("{} is not applied, so it cannot stay the newest", last.label()),
                          "`dibs status` tells what is applied. Nothing was changed.");
        std::erase_if(applied, [&](const Entry* entry) { return *entry->version <= *last.version; });
    } else if (!applied.empty() && applied.size() < extent.count) {
        throw Failure(
            ExitCode::usage,
            fmt::format("only {} applied, not {}",
                        report::counted(applied.size(), "migration") + (applied.size() == 1 ? " is" : " are"),
                        extent.count),
            "`dibs status` tells which. Nothing was changed.");
    } else {
        applied.resize(std::min(applied.size(), extent.count));
    }
    return applied;
}

struct Obstacle {
    ExitCode code;
    std::string what; ///< after the version
    std::string hint;
};

std::optional<Obstacle> obstacle_of(const Entry& entry) {
    const std::string repair = "dibs repair " + entry.label();
    if (!entry.also_recorded_as.empty())
        return Obstacle{ExitCode::disagreement, "is in the history twice",
                        "Keep the row that says more: " + repair};
    if (entry.applied->state == history::was_baselined)
        return Obstacle{ExitCode::other, "was recorded by `dibs baseline`, so dibs did not run it",
                        "Write a new migration that undoes what is to be undone."};
    if (!entry.library)
        return Obstacle{ExitCode::disagreement, "has no library here",
                        "Build it, or get its source back. `dibs status` tells more."};
    if (entry.state() == State::changed && !entry.only_comments)
        return Obstacle{ExitCode::disagreement,
                        "was changed after it was applied, so its rollback() may not undo what was done",
                        "Look at the difference, and accept it if it does: " + repair};
    if (!entry.library->has_rollback)
        return Obstacle{ExitCode::other, "has no rollback()",
                        "Undo it by a new migration; or give it a rollback(), build it, and accept that "
                        "change: " +
                            repair};
    return std::nullopt;
}

void refuse_obstacles(const std::vector<Entry*>& entries) {
    std::string what;
    std::string hint;
    ExitCode code = ExitCode::other;
    for (const Entry* const entry : entries) {
        const std::optional<Obstacle> obstacle = obstacle_of(*entry);
        if (!obstacle)
            continue;
        what += fmt::format("{}{} {}", what.empty() ? "" : "\n", entry->label(), obstacle->what);
        if (hint.find(obstacle->hint) == std::string::npos)
            hint += obstacle->hint + "\n";
        if (obstacle->code == ExitCode::disagreement)
            code = obstacle->code;
    }
    if (!what.empty())
        throw Failure(code, what, hint + "Nothing was changed.");
}

/// What is beneath one that is half applied stays there.
void refuse_half_applied(const migration::Plan& plan) {
    for (const Entry& entry : plan.entries)
        if (entry.is_pending() && entry.unfinished)
            throw Failure(
                ExitCode::disagreement,
                fmt::format("{} was begun and did not get to its end, and what it did stays", entry.label()),
                "Let it (`dibs migrate`), and roll it back then. Or undo by hand what it did, and "
                "take its file away. Nothing was changed.");
}

class RollbackRun : public Run {
  public:
    RollbackRun(Invocation& invocation, Extent extent)
        : RollbackRun(invocation, std::move(extent),
                      {"Would roll back {} on {}", "Rolling back {} on {}", "Trying to roll back {} on {}",
                       "{} tried; nothing was changed", "{} rolled back"}) {}

  protected:
    RollbackRun(Invocation& invocation, Extent extent, RunWords words)
        : Run(invocation, words), extent_(std::move(extent)) {
        document_.rolled_back.emplace();
        document_.remaining.emplace();
    }

    std::vector<Pending> choose(migration::Plan& plan, const Look& seen, bool again) override {
        migration::compare_sources(plan, seen.history, connection_);
        const std::vector<Entry*> entries = within(extent_, plan, newest_first(plan, seen, connection_));
        for (Entry* const entry : entries)
            migration::check_stale(*entry);
        refuse_obstacles(entries);
        if (!entries.empty())
            refuse_half_applied(plan);
        check_libraries({entries.begin(), entries.end()});
        std::vector<Pending> todo;
        std::vector<plugin::Version> versions;
        for (const Entry* const entry : entries) {
            todo.push_back({*entry->library, 0, false, entry->applied, remark_of(*entry)});
            versions.push_back(*entry->version);
        }
        if (again && versions != chosen_)
            throw Failure(ExitCode::other, "another run has changed the history meanwhile",
                          "Look at `dibs history`, and try again. Nothing was changed.");
        chosen_ = std::move(versions);
        return todo;
    }
    std::string nothing_to_do(const migration::Plan& plan) const override {
        return fmt::format("Nothing to roll back: {} applied", plan.applied_count());
    }
    void note_left(report::RunDocument& document, const std::vector<Pending>& left) override {
        for (const Pending& each : left)
            if (each.backwards())
                document.remaining->push_back(each.library.version.to_string());
    }

  private:
    Extent extent_;
    std::vector<plugin::Version> chosen_;
};

/// Takes back, and applies again in the opposite order.
class RedoRun final : public RollbackRun {
  public:
    RedoRun(Invocation& invocation, Extent extent)
        : RollbackRun(invocation, std::move(extent),
                      {"Would roll back and apply again {} on {}", "Rolling back and applying again {} on {}",
                       "Trying to roll back and apply again {} on {}", "{} tried; nothing was changed",
                       "{} rolled back and applied again"}) {
        document_.applied.emplace();
        document_.pending.emplace();
    }

    /// What a person has to know after a failure.
    void tell_what_is_pending() {
        if (document_.dry_run || document_.pending->empty())
            return;
        std::string versions;
        for (const std::string& version : *document_.pending)
            versions += "\n  " + version;
        sink_.error("Rolled back, and not applied again:" + versions + "\n  `dibs migrate` applies it.");
    }

  protected:
    std::vector<Pending> choose(migration::Plan& plan, const Look& seen, bool again) override {
        std::vector<Pending> todo = RollbackRun::choose(plan, seen, again);
        std::optional<plugin::Version> newest;
        for (const Entry& entry : plan.entries)
            if (entry.applied && entry.version &&
                std::none_of(todo.begin(), todo.end(),
                             [&](const Pending& each) { return each.library.version == *entry.version; }))
                newest = entry.version;
        for (std::size_t i = todo.size(); i > 0; --i) {
            const plugin::Library& library = todo[i - 1].library;
            const bool out_of_order = newest && library.version < *newest;
            if (!out_of_order)
                newest = library.version;
            todo.push_back({library, 0, out_of_order});
        }
        return todo;
    }
    std::size_t migrations(std::size_t functions) const override { return functions / 2; }
    void note_left(report::RunDocument& document, const std::vector<Pending>& left) override {
        RollbackRun::note_left(document, left);
        for (const Pending& each : left) {
            const std::string version = each.library.version.to_string();
            const auto& remaining = *document.remaining;
            if (!each.backwards() &&
                std::find(remaining.begin(), remaining.end(), version) == remaining.end())
                document.pending->push_back(version);
        }
    }
};

ExitCode roll_back(Invocation& invocation) {
    Extent extent = extent_of(invocation);
    build(invocation);
    return RollbackRun(invocation, std::move(extent))();
}

ExitCode redo(Invocation& invocation) {
    Extent extent = extent_of(invocation);
    build(invocation);
    RedoRun run(invocation, std::move(extent));
    const ExitCode code = run();
    run.tell_what_is_pending();
    return code;
}

std::vector<Option> options(std::string dry_run) {
    std::vector<Option> all = run_options();
    all.insert(all.begin(), dry_run_option(std::move(dry_run)));
    return all;
}

} // namespace

Command rollback_command() {
    std::vector<Option> all = options("list what would be rolled back");
    all.insert(all.begin(), {.name = "to",
                             .value = "VERSION",
                             .help = "roll back all that are newer than this one, which stays",
                             .values = Values::versions});
    return {
        .name = "rollback",
        .words = "[N]",
        .summary = "undoes the last N migrations (1)",
        .details =
            "Runs rollback() of the migrations that were applied last, the last one first, each in its own "
            "transaction, in which its row leaves the history (without one, where it says so: step by step). "
            "If one of them has no rollback(), no library, "
            "or was changed since it was applied, nothing runs at all. Stops at the first that fails: it "
            "stays applied, those before it are rolled back.",
        .json = "{\"database\", \"dry_run\", \"rolled_back\": [{\"version\", \"duration_us\"}], "
                "\"remaining\": [...], \"failure\": {...}, \"output\": [...], ...}",
        .examples = {"dibs rollback --dry-run", "dibs rollback", "dibs rollback 3",
                     "dibs rollback --to 2026_01_24_120000-create_users"},
        .options = std::move(all),
        .most_words = 1,
        .run = roll_back,
    };
}

Command redo_command() {
    return {
        .name = "redo",
        .words = "[N]",
        .summary = "undoes the last N migrations, and applies them again",
        .details =
            "What `dibs rollback` does, and then migrate() of the same migrations, all under one lock. "
            "When one fails, those that are rolled back by then are pending.",
        .json = "{\"database\", \"dry_run\", \"rolled_back\": [...], \"remaining\": [...], \"applied\": "
                "[...], \"pending\": [...], \"failure\": {...}, ...}",
        .examples = {"dibs redo", "dibs redo 2", "dibs redo --dry-run=execute"},
        .options = options("list what would be rolled back and applied"),
        .most_words = 1,
        .run = redo,
    };
}

} // namespace dibs::cli
