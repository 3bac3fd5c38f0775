#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "cli/build.hpp"
#include "cli/project.hpp"
#include "cli/run_times.hpp"
#include "migration/drift.hpp"
#include "plugin/checksum.hpp"
#include "report/diff.hpp"
#include "report/json.hpp"
#include "report/redactor.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using migration::Drift;
using migration::Entry;
using report::ExitCode;
using report::Failure;
using report::Style;

/// Something that can be repaired.
struct Broken {
    const Entry* entry;
    migration::Disagreement drift; ///< of this migration alone
    std::optional<std::vector<std::string>> diff;
};

bool is_changed(Drift kind) {
    return kind == Drift::changed || kind == Drift::only_comments;
}

std::vector<Broken> all_broken(const migration::Plan& plan) {
    std::map<std::string, const Entry*> entries;
    for (const Entry& entry : plan.entries)
        entries.emplace(entry.label(), &entry);
    std::vector<Broken> broken;
    for (const migration::Disagreement& drift : migration::find_drift(plan))
        for (const migration::Drifted& drifted : drift.migrations)
            broken.push_back({entries.at(drifted.version), {drift.kind, {drifted}}, std::nullopt});
    return broken;
}

void add_diffs(std::vector<Broken>& broken, const history::History& history,
               database::Connection& connection) {
    std::vector<std::string> recorded;
    for (const Broken& each : broken)
        if (is_changed(each.drift.kind))
            recorded.push_back(each.entry->applied->recorded);
    if (recorded.empty())
        return;
    const std::map<std::string, std::string> sources = history.read_sources(connection, recorded);
    for (Broken& each : broken)
        if (const auto applied = sources.find(each.entry->applied->recorded);
            is_changed(each.drift.kind) && applied != sources.end())
            each.diff = report::unified_diff(applied->second, report::redact(each.entry->library->source));
}

/// The entry that is meant; a row that is no version is called by its whole text.
const Entry& entry_called(const migration::Plan& plan, const std::string& typed) {
    for (const Entry& entry : plan.entries)
        if (!entry.version && entry.label() == typed)
            return entry;
    return migration::find_version(plan, typed);
}

/// What of it is named. @throws report::Failure for what cannot be repaired
std::vector<Broken> named(std::vector<Broken> broken, const migration::Plan& plan,
                          const std::vector<std::string>& words) {
    std::set<const Entry*> wanted;
    for (const std::string& typed : words) {
        const Entry& entry = entry_called(plan, typed);
        if (entry.is_pending())
            throw Failure(ExitCode::usage,
                          fmt::format("{} is not applied, so there is nothing to repair", typed),
                          "`dibs migrate` applies it. Nothing was changed.");
        if (std::find(entry.also_recorded_as.begin(), entry.also_recorded_as.end(),
                      entry.applied->recorded) != entry.also_recorded_as.end())
            throw Failure(ExitCode::other, fmt::format("{} is in the history twice, in one spelling", typed),
                          "The table has lost its primary key: remove one of the two rows, and add it again "
                          "(ALTER TABLE ... ADD PRIMARY KEY (version)). Nothing was changed.");
        wanted.insert(&entry);
    }
    std::erase_if(broken, [&](const Broken& each) { return !wanted.contains(each.entry); });
    return broken;
}

void show(const Broken& broken, report::Sink& sink) {
    sink.out(migration::sentence(broken.drift));
    if (!is_changed(broken.drift.kind))
        return;
    const history::Applied& applied = *broken.entry->applied;
    const plugin::Library& library = *broken.entry->library;
    if (!broken.diff || broken.diff->empty()) {
        sink.out(broken.diff ? "  only in what is kept secret: the history has no passwords"
                             : "  the history has no source of it to compare with");
        sink.out(fmt::format("  applied  {} {}", applied.checksum_algorithm, applied.checksum));
        sink.out(fmt::format("  built    {} {}", plugin::checksum_algorithm, library.checksum));
        return;
    }
    sink.out(sink.paint(Style::bad, fmt::format("--- applied {}", report::moment(applied.applied_at))));
    sink.out(sink.paint(Style::good, fmt::format("+++ built as {}", library.path)));
    for (const std::string& line : *broken.diff)
        sink.out(sink.paint(line.starts_with('-')   ? Style::bad
                            : line.starts_with('+') ? Style::good
                            : line.starts_with('@') ? Style::faint
                                                    : Style::plain,
                            line));
}

std::vector<database::Statement> statements(const database::Connection& connection,
                                            const history::History& history,
                                            const std::vector<Broken>& broken, const std::string& run) {
    std::vector<database::Statement> all;
    for (const Broken& each : broken) {
        const history::Applied& row = *each.entry->applied;
        if (is_changed(each.drift.kind)) {
            const plugin::Library& library = *each.entry->library;
            const history::Record built{library.version,
                                        library.checksum,
                                        std::string(plugin::checksum_algorithm),
                                        history::kept_source(connection, report::redact(library.source)),
                                        std::nullopt,
                                        false,
                                        {}};
            all.push_back(history.accept(connection, row, built,
                                         fmt::format("checksum {} {}, was {} {}", plugin::checksum_algorithm,
                                                     library.checksum, row.checksum_algorithm, row.checksum),
                                         run));
        } else if (each.drift.kind == Drift::recorded_twice) {
            for (const std::string& other : each.entry->also_recorded_as) {
                history::Applied lesser = row;
                lesser.recorded = other;
                all.push_back(history.remove(
                    connection, lesser,
                    fmt::format("removed the row {}, which {} says as well", other, row.recorded), run));
            }
        } else {
            all.push_back(history.retire(connection, row,
                                         fmt::format("retired: it was {}", name_of(each.drift.kind)), run));
        }
    }
    return all;
}

/// One `dibs repair`, with names or without.
class RepairRun {
  public:
    explicit RepairRun(Invocation& invocation)
        : invocation_(invocation), sink_(invocation.sink), words_(invocation.arguments.words()),
          patience_(lock_wait(invocation)), files_(invocation, true), connection_(connect(invocation)),
          libraries_(files_.libraries()), seen_(look(connection_, invocation.settings)) {}

    ExitCode operator()() {
        decide();
        std::vector<std::string> shown;
        for (const Broken& each : broken_) {
            shown.push_back(state_of(each));
            if (!invocation_.json())
                show(each, sink_);
        }
        if (broken_.empty())
            sink_.say(words_.empty() ? "Nothing to repair" : "Nothing to repair there");
        else if (!words_.empty())
            accept(shown);
        else
            sink_.say("Nothing is accepted without a name: dibs repair VERSION...");
        tell();
        return words_.empty() && !broken_.empty() ? ExitCode::disagreement : ExitCode::done;
    }

  private:
    void decide() {
        plan_ = migration::make_plan(libraries_, files_.sources(), seen_.history.read(connection_));
        for (Entry& entry : plan_.entries)
            if (entry.applied)
                migration::check_stale(entry);
        migration::compare_sources(plan_, seen_.history, connection_);
        broken_ = all_broken(plan_);
        if (!words_.empty())
            broken_ = named(std::move(broken_), plan_, words_);
        add_diffs(broken_, seen_.history, connection_);
        if (words_.empty())
            return;
        std::vector<const Entry*> libraries;
        for (const Broken& each : broken_)
            if (each.entry->library)
                libraries.push_back(each.entry);
        check_libraries(libraries); // what is accepted is what the source says
    }

    /// What was shown must be what is accepted.
    static std::string state_of(const Broken& broken) {
        return fmt::format("{} {} {}", broken.entry->label(), name_of(broken.drift.kind),
                           broken.entry->applied->checksum);
    }

    void accept(const std::vector<std::string>& shown) {
        refuse_standby(seen_.facts);
        const history::Lock lock =
            lock_history(connection_, seen_, patience_, [&](const history::Holder& holder) {
                sink_.say("Waiting for another run: the lock is held by " + describe(holder));
                sink_.flush();
            });
        seen_ = look(connection_, invocation_.settings);
        decide();
        std::vector<std::string> now;
        std::transform(broken_.begin(), broken_.end(), std::back_inserter(now), state_of);
        if (now != shown)
            throw Failure(ExitCode::other, "another run has changed the history meanwhile",
                          "Look again with `dibs repair`. Nothing was changed.");
        const std::string run = run_name();
        seen_.history.write(connection_, statements(connection_, seen_.history, broken_, run), run,
                            patience_);
        for (const Broken& each : broken_)
            sink_.say(sink_.paint(Style::good, "Accepted: ") + each.entry->label());
    }

    void tell() {
        if (!invocation_.json())
            return;
        report::RepairDocument document{connection_.describe(), {}};
        for (const Broken& each : broken_) {
            report::Repair& repair = document.migrations.emplace_back();
            repair.version = each.entry->label();
            repair.kind = name_of(each.drift.kind);
            repair.message = migration::sentence(each.drift);
            if (!each.entry->applied->checksum.empty())
                repair.recorded_checksum = each.entry->applied->checksum;
            if (each.entry->library)
                repair.built_checksum = each.entry->library->checksum;
            repair.diff = each.diff;
            repair.repaired = !words_.empty();
        }
        sink_.raw(report::to_json(document, sink_.redactor()));
    }

    Invocation& invocation_;
    report::Sink& sink_;
    const std::vector<std::string>& words_;
    std::chrono::milliseconds patience_;
    Files files_;
    database::Connection connection_;
    std::vector<plugin::Library> libraries_;
    Look seen_;
    migration::Plan plan_;
    std::vector<Broken> broken_;
};

ExitCode run(Invocation& invocation) {
    build(invocation);
    return RepairRun(invocation)();
}

} // namespace

Command repair_command() {
    return {
        .name = "repair",
        .words = "[VERSION...]",
        .word_values = Values::versions,
        .summary = "shows what was changed since, and accepts it by name",
        .details =
            "Without a name it only shows: of a changed migration the difference between the source that was "
            "applied and the one that is built. Named, a changed migration counts as applied as it is now, "
            "and one without a library as retired. Nothing is run, and every repair stands in `dibs "
            "history`. "
            "docs/drift.md tells what can disagree.",
        .json = "{\"database\", \"migrations\": [{\"version\", \"kind\", \"repaired\", \"diff\", ...}]}",
        .examples = {"dibs repair", "dibs repair 2026_01_24_120000-create_users"},
        .options = {lock_wait_option(), no_build_option()},
        .most_words = 1000,
        .run = run,
    };
}

} // namespace dibs::cli
