#include <fmt/format.h>

#include "cli/build.hpp"
#include "cli/run.hpp"
#include "cli/strict.hpp"
#include "migration/drift.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using migration::Entry;
using migration::Pending;
using report::ExitCode;
using report::Failure;

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

void refuse_out_of_order(const std::vector<Entry*>& pending, const migration::Plan& plan) {
    std::string late;
    for (const Entry* const entry : pending)
        if (entry->out_of_order)
            late += "\n  " + entry->label();
    if (!late.empty())
        throw Failure(ExitCode::disagreement,
                      fmt::format("older than {}, which is applied already:{}",
                                  plan.newest_applied()->to_string(), late),
                      "Give them a newer timestamp (rename the source), or apply them as they are with "
                      "--allow-out-of-order. Nothing was changed.");
}

/// Nothing is built on what is half gone.
void refuse_half_rolled_back(const migration::Plan& plan, const history::Location& history) {
    for (const Entry& entry : plan.entries) {
        if (!entry.applied || !entry.unfinished)
            continue;
        const bool steps = !entry.unfinished->steps.empty();
        if (!steps && entry.unfinished->running) // seen by a dry run
            continue;
        const std::string version = entry.label();
        const std::string by_hand = fmt::format(
            "{}INSERT INTO {} (run, event, version, runner_version) VALUES ('by hand', 'repaired', '{}', '')",
            steps ? fmt::format("DELETE FROM {} WHERE version = '{} (rollback)'; ", history.steps(), version)
                  : "",
            history.attempts(), version);
        throw Failure(
            ExitCode::disagreement,
            fmt::format("{} is rolled back in part: its rollback() has no transaction, and did "
                        "not get to its end",
                        version),
            fmt::format("Let it: `dibs rollback`. Or, where you have mended it by hand: {}. Nothing "
                        "was changed.",
                        by_hand));
    }
}

class MigrateRun final : public Run {
  public:
    explicit MigrateRun(Invocation& invocation)
        : Run(invocation, {"Would apply {} to {}", "Applying {} to {}", "Trying {} on {}",
                           "{} tried and rolled back", "{} applied"}),
          target_(invocation.arguments.value("to")) {
        document_.applied.emplace();
        document_.pending.emplace();
    }

  protected:
    std::vector<Pending> choose(migration::Plan& plan, const Look& seen, bool again) override {
        const std::vector<Entry*> pending = chosen(plan, target_);
        if (!again) // the libraries are the same, and each source would be read a second time
            for (Entry* const entry : pending)
                migration::check_stale(*entry);
        migration::compare_sources(plan, seen.history, connection_);
        const std::vector<migration::Disagreement> drift = migration::find_drift(plan);
        const bool strict = is_strict(invocation_);
        if (!again)
            warn(drift, !pending.empty(), strict);
        check_libraries({pending.begin(), pending.end()});
        if (strict || !pending.empty())
            if (const std::optional<Failure> refused = migration::refusal(drift, strict))
                throw Failure(*refused);
        if (!pending.empty())
            refuse_half_rolled_back(plan, history_location(invocation_.settings));
        if (!invocation_.arguments.has("allow-out-of-order"))
            refuse_out_of_order(pending, plan);
        std::vector<Pending> todo;
        for (const Entry* const entry : pending)
            todo.push_back({*entry->library, 0, entry->out_of_order, {}, remark_of(*entry)});
        return todo;
    }
    std::string nothing_to_do(const migration::Plan& plan) const override {
        return fmt::format("Nothing to do: {} applied", plan.applied_count());
    }
    void note_left(report::RunDocument& document, const std::vector<Pending>& todo) override {
        for (const Pending& each : todo)
            document.pending->push_back(each.library.version.to_string());
    }

  private:
    /// Of what will not be refused.
    void warn(const std::vector<migration::Disagreement>& drift, bool pending, bool strict) {
        for (const migration::Disagreement& disagreement : drift)
            if (!strict && (!pending || !migration::is_refused(disagreement.kind, strict)))
                sink_.warn(sentence(disagreement) + "\n  " + resolution(disagreement));
    }

    std::optional<std::string> target_;
};

ExitCode run(Invocation& invocation) {
    build(invocation);
    return MigrateRun(invocation)();
}

std::vector<Option> options() {
    std::vector<Option> all{
        {.name = "to",
         .value = "VERSION",
         .help = "stop after this one (the start of a version is enough)",
         .values = Values::versions},
        dry_run_option("list what would be applied"),
        {.name = "allow-out-of-order", .help = "apply migrations that are older than the newest applied one"},
        strict_option()};
    for (Option& option : run_options())
        all.push_back(std::move(option));
    return all;
}

} // namespace

Command migrate_command() {
    return {
        .name = "migrate",
        .summary = "applies what is pending",
        .details =
            "Runs the `build:` of dibs.yaml, if there is one; a build that fails ends it. Then runs each "
            "pending migration in its own transaction, in order of the timestamps, and records it in the "
            "same transaction. Stops at the first that fails: it is rolled back, those before it stay. "
            "Applies nothing on top of a migration that was changed or lost since it was applied.",
        .json =
            "{\"database\", \"dry_run\", \"applied\": [{\"version\", \"duration_us\"}], \"pending\": [...], "
            "\"failure\": {\"version\", \"message\", \"sqlstate\", \"sql\", \"file\", \"line\", ...}, "
            "\"output\": [...], ...}",
        .examples = {"dibs migrate", "dibs migrate --dry-run", "dibs migrate --dry-run=execute",
                     "dibs migrate --to 2026_01_24_120000-create_users",
                     "dibs migrate --env production --wait 60"},
        .options = options(),
        .run = run,
    };
}

} // namespace dibs::cli
