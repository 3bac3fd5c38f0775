#include <algorithm>

#include <fmt/format.h>

#include "cli/build.hpp"
#include "cli/project.hpp"
#include "cli/run_times.hpp"
#include "plugin/checksum.hpp"
#include "report/json.hpp"
#include "report/redactor.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using migration::Entry;
using report::ExitCode;
using report::Failure;

/// A history that has begun otherwise is not begun again: who marks as applied what was not, loses it.
void refuse_other_history(const migration::Plan& plan) {
    std::string others;
    std::size_t count = 0;
    for (const Entry& entry : plan.entries)
        if (entry.applied && entry.applied->state != history::was_baselined && ++count <= 3)
            others += "\n  " + entry.label();
    if (count > 3)
        others += fmt::format("\n  and {} more", count - 3);
    if (count > 0)
        throw Failure(ExitCode::disagreement,
                      "this database has a history that was not begun by `dibs baseline`:" + others,
                      "A baseline is for a schema that was there before dibs. `dibs migrate` applies what is "
                      "pending. Nothing was changed.");
}

/// What is to be marked.
std::vector<const Entry*> up_to(const migration::Plan& plan, const std::string& typed) {
    const Entry& last = migration::find_version(plan, typed);
    std::vector<const Entry*> entries;
    for (const Entry& entry : plan.entries)
        if (entry.is_pending() && *entry.version <= *last.version)
            entries.push_back(&entry);
    check_libraries(entries);
    return entries;
}

std::vector<database::Statement> statements(const database::Connection& connection,
                                            const history::History& history,
                                            const std::vector<const Entry*>& entries,
                                            const std::string& run) {
    std::vector<database::Statement> all;
    for (const Entry* const entry : entries) {
        const plugin::Library& library = *entry->library;
        const history::Record record{library.version,
                                     library.checksum,
                                     std::string(plugin::checksum_algorithm),
                                     history::kept_source(connection, report::redact(library.source)),
                                     std::nullopt,
                                     false,
                                     library.note.description,
                                     history::was_baselined};
        for (database::Statement& statement : history.record(connection, record, run, "", ""))
            all.push_back(std::move(statement));
    }
    return all;
}

void tell(Invocation& invocation, const std::string& database, const std::vector<const Entry*>& marked) {
    report::Sink& sink = invocation.sink;
    if (invocation.json()) {
        std::vector<std::string> versions;
        for (const Entry* const entry : marked)
            versions.push_back(entry->label());
        sink.raw(report::to_json({{"database", database}, {"marked", versions}}, sink.redactor()));
        return;
    }
    for (const Entry* const entry : marked)
        sink.out("  " + entry->label());
    sink.say(fmt::format("{} marked as applied, and not run, on {}",
                         report::counted(marked.size(), "migration"), database));
}

ExitCode run(Invocation& invocation) {
    const std::string& typed = invocation.arguments.words().front();
    const std::chrono::milliseconds patience = lock_wait(invocation);
    build(invocation);
    Files files(invocation, true);
    database::Connection connection = connect(invocation);
    Look seen = look(connection, invocation.settings);
    const std::vector<plugin::Library> libraries = files.libraries();
    // Decided again under the lock: what another run did in the meantime counts.
    const auto decide = [&](migration::Plan& plan) {
        plan = migration::make_plan(libraries, files.sources(), seen.history.read(connection));
        for (Entry& entry : plan.entries)
            migration::check_stale(entry);
        refuse_other_history(plan);
        return up_to(plan, typed);
    };
    migration::Plan plan;
    std::vector<const Entry*> marked = decide(plan);
    if (!marked.empty()) {
        refuse_standby(seen.facts);
        const history::Lock lock =
            lock_history(connection, seen, patience, [&](const history::Holder& holder) {
                invocation.sink.say("Waiting for another run: the lock is held by " + describe(holder));
                invocation.sink.flush();
            });
        seen = look(connection, invocation.settings);
        marked = decide(plan);
        const std::string name = run_name();
        seen.history.write(connection, statements(connection, seen.history, marked, name), name, patience);
    }
    tell(invocation, connection.describe(), marked);
    return ExitCode::done;
}

} // namespace

Command baseline_command() {
    return {
        .name = "baseline",
        .words = "VERSION",
        .word_values = Values::versions,
        .summary = "begins the history of a schema that exists already",
        .details = "Marks all migrations up to this one as applied, without running them. `dibs migrate` "
                   "applies those after it. Refused where migrations were applied before.",
        .json = "{\"database\", \"marked\": [...]}",
        .examples = {"dibs baseline 2026_01_24_120000-create_users"},
        .options = {lock_wait_option(), no_build_option()},
        .least_words = 1,
        .most_words = 1,
        .run = run,
    };
}

} // namespace dibs::cli
