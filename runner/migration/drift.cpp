#include "migration/drift.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "plugin/source_code.hpp"
#include "report/redactor.hpp"

namespace dibs::migration {
namespace {

constexpr std::size_t most_listed = 10;
constexpr std::size_t most_in_command = 3;

struct Words {
    std::string_view name;
    std::string_view of_one;     ///< after its version
    std::string_view of_several; ///< between their number and the list
    std::string_view resolution; ///< before the command
};

const Words& words_of(Drift kind) {
    static constexpr std::array<Words, 7> all{{
        {"changed", "was changed after it was applied", "migrations were changed after they were applied",
         "Undo the edit, and put what you need into a new migration; or look at the difference, and accept "
         "it"},
        {"changed in comments only", "was changed after it was applied, in comments or white space only",
         "migrations were changed after they were applied, in comments or white space only", "Accept it"},
        {"missing", "is applied, but there is no library of it",
         "migrations are applied, but there are no libraries of them",
         "Build it, or get its source back; if it is gone for good, say so"},
        {"taken over", "was applied by another program, and there is no library of it",
         "migrations were applied by another program, and there are no libraries of them",
         "If there will be none, say so"},
        {"newer", "is applied, and newer than all that is here",
         "migrations are applied, and newer than all that is here",
         "Use the release that applied it (--dir); if that is gone for good, say so"},
        {"foreign", "is in the history, and is no migration's version",
         "rows of the history are of no migration's version", "If it may stay there, say so"},
        {"recorded twice", "is in the history twice", "migrations are in the history twice",
         "Keep the row that says more"},
    }};
    return all[static_cast<std::size_t>(kind)];
}

std::optional<Drift> drift_of(const Entry& entry) {
    switch (entry.state()) {
    case State::changed:
        return entry.only_comments ? Drift::only_comments : Drift::changed;
    case State::missing:
        return entry.applied->checksum.empty() ? Drift::taken_over : Drift::missing;
    case State::newer:
        return Drift::newer;
    case State::foreign:
        return Drift::foreign;
    default:
        return std::nullopt;
    }
}

/// A pending migration with the source of one that is missing: it would run a second time.
const Entry* twin_of(const Plan& plan, const Entry& missing) {
    const auto twin = std::find_if(plan.entries.begin(), plan.entries.end(), [&](const Entry& entry) {
        return entry.is_pending() && entry.library && !missing.applied->checksum.empty() &&
               entry.library->checksum == missing.applied->checksum;
    });
    return twin == plan.entries.end() ? nullptr : &*twin;
}

std::string remark_on(const Plan& plan, const Entry& entry, Drift kind) {
    if (kind != Drift::missing && kind != Drift::newer)
        return {};
    if (const Entry* const twin = twin_of(plan, entry))
        return fmt::format("{}, which is pending, has the same source: was it renamed?", twin->label());
    if (entry.source)
        return fmt::format("its source is {}", *entry.source);
    return {};
}

std::string in_shell(const std::string& word) {
    const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
               c == '-';
    });
    if (plain)
        return word;
    std::string quoted = "'";
    for (const char c : word)
        quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
}

} // namespace

std::string_view name_of(Drift kind) {
    return words_of(kind).name;
}

bool is_refused(Drift kind, bool strict) {
    return strict || kind == Drift::changed || kind == Drift::missing;
}

std::vector<Disagreement> find_drift(const Plan& plan) {
    std::map<Drift, std::vector<Drifted>> found;
    for (const Entry& entry : plan.entries) {
        if (const std::optional<Drift> kind = drift_of(entry))
            found[*kind].push_back({entry.label(), remark_on(plan, entry, *kind)});
        for (const std::string& other : entry.also_recorded_as)
            found[Drift::recorded_twice].push_back(
                {entry.label(), fmt::format("as {} and as {}", entry.applied->recorded, other)});
    }
    std::vector<Disagreement> drift;
    for (auto& [kind, migrations] : found)
        drift.push_back({kind, std::move(migrations)});
    return drift;
}

void compare_sources(Plan& plan, const history::History& history, database::Connection& connection) {
    std::vector<std::string> changed;
    for (const Entry& entry : plan.entries)
        if (entry.state() == State::changed)
            changed.push_back(entry.applied->recorded);
    if (changed.empty())
        return;
    const std::map<std::string, std::string> sources = history.read_sources(connection, changed);
    for (Entry& entry : plan.entries) {
        if (entry.state() != State::changed)
            continue;
        const auto applied = sources.find(entry.applied->recorded);
        const std::string built = report::redact(entry.library->source);
        // Texts that are equal now differ in a password, which counts.
        entry.only_comments =
            applied != sources.end() && applied->second != built && plugin::same_code(applied->second, built);
    }
}

std::string sentence(const Disagreement& disagreement) {
    const Words& words = words_of(disagreement.kind);
    const auto& migrations = disagreement.migrations;
    const auto with_remark = [](const Drifted& drifted, std::string text) {
        return drifted.remark.empty() ? text : fmt::format("{} ({})", text, drifted.remark);
    };
    if (migrations.size() == 1)
        return with_remark(migrations.front(),
                           fmt::format("{} {}", migrations.front().version, words.of_one));
    std::string text = fmt::format("{} {}:", migrations.size(), words.of_several);
    for (std::size_t i = 0; i < std::min(migrations.size(), most_listed); ++i)
        text += "\n  " + with_remark(migrations[i], migrations[i].version);
    if (migrations.size() > most_listed)
        text += fmt::format("\n  and {} more, which `dibs verify` lists", migrations.size() - most_listed);
    return text;
}

std::string resolution(const Disagreement& disagreement) {
    std::string command = "dibs repair";
    if (disagreement.migrations.size() > most_in_command)
        command += " VERSION...";
    else
        for (const Drifted& drifted : disagreement.migrations)
            command += " " + in_shell(drifted.version);
    return fmt::format("{}: {}", words_of(disagreement.kind).resolution, command);
}

std::optional<report::Failure> refusal(const std::vector<Disagreement>& drift, bool strict) {
    std::string what; // each with its resolution; that of the last is the hint
    std::string hint;
    for (const Disagreement& disagreement : drift) {
        if (!is_refused(disagreement.kind, strict))
            continue;
        if (!what.empty())
            what += fmt::format("\n  {}\n", hint);
        what += sentence(disagreement);
        hint = resolution(disagreement);
    }
    if (what.empty())
        return std::nullopt;
    return report::Failure(report::ExitCode::disagreement, what, hint + "\nNothing was changed.");
}

} // namespace dibs::migration
