#include "migration/plan.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "plugin/checksum.hpp"
#include "report/failure.hpp"
#include "report/suggestion.hpp"

namespace dibs::migration {

std::string_view name_of(State state) {
    switch (state) {
    case State::applied:
        return "applied";
    case State::pending:
        return "pending";
    case State::changed:
        return "changed";
    case State::missing:
        return "missing";
    case State::newer:
        return "newer";
    case State::foreign:
        return "foreign";
    case State::retired:
        return "retired";
    case State::baseline:
        return "baseline";
    case State::not_built:
        return "not built";
    case State::stale:
        return "stale";
    case State::interrupted:
        return "interrupted";
    case State::running:
        return "running";
    case State::rollback_interrupted:
        return "rollback interrupted";
    case State::rolling_back:
        return "rolling back";
    }
    return "";
}

State Entry::state() const {
    if (applied) {
        if (!library && applied->state == history::was_retired)
            return State::retired;
        if (!version)
            return State::foreign;
        if (!library)
            return newer_than_all_here ? State::newer : State::missing;
        const bool comparable =
            applied->checksum_algorithm == plugin::checksum_algorithm; // unknown for older rows
        if (comparable && applied->checksum != library->checksum)
            return State::changed;
        if (stale)
            return State::stale;
        if (unfinished)
            return unfinished->running ? State::rolling_back : State::rollback_interrupted;
        return applied->state == history::was_baselined ? State::baseline : State::applied;
    }
    if (!library && source)
        return State::not_built;
    if (unfinished && unfinished->running)
        return State::running;
    if (stale)
        return State::stale;
    return unfinished ? State::interrupted : State::pending;
}

std::string Entry::label() const {
    return version ? version->to_string() : applied->recorded;
}

std::optional<plugin::Version> Plan::newest_applied() const {
    const auto newest = std::find_if(entries.rbegin(), entries.rend(),
                                     [](const Entry& entry) { return entry.applied && entry.version; });
    return newest == entries.rend() ? std::nullopt : newest->version;
}

std::size_t Plan::applied_count() const {
    return static_cast<std::size_t>(std::count_if(
        entries.begin(), entries.end(), [](const Entry& entry) { return entry.applied.has_value(); }));
}

std::size_t Plan::pending_count() const {
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [](const Entry& entry) { return entry.is_pending(); }));
}

namespace {

bool knows_more(const history::Applied& row, const history::Applied& other) {
    const bool retired = row.state == history::was_retired;
    if (retired != (other.state == history::was_retired))
        return !retired;
    return other.checksum.empty() && !row.checksum.empty();
}

} // namespace

Plan make_plan(std::vector<plugin::Library> libraries,
               const std::optional<std::vector<plugin::NamedFile>>& sources,
               std::vector<history::Applied> applied) {
    Plan plan;
    std::map<plugin::Version, Entry> known;
    const auto at = [&](const plugin::Version& version) -> Entry& {
        Entry& entry = known[version];
        entry.version = version;
        return entry;
    };
    for (plugin::Library& library : libraries)
        at(library.version).library = std::move(library);
    if (sources)
        for (const plugin::NamedFile& source : *sources)
            at(source.version).source = source.path;
    plan.entries.reserve(known.size() + applied.size());
    const std::optional<plugin::Version> newest_here =
        known.empty() ? std::nullopt : std::optional(known.rbegin()->first);
    for (history::Applied& row : applied) {
        if (!row.version) {
            plan.entries.emplace_back().applied = std::move(row);
            continue;
        }
        Entry& entry = at(*row.version);
        if (!entry.applied) {
            entry.applied = std::move(row);
            continue;
        }
        if (knows_more(row, *entry.applied)) // two spellings of one version
            std::swap(*entry.applied, row);
        entry.also_recorded_as.push_back(row.recorded);
    }
    for (auto& [version, entry] : known)
        plan.entries.push_back(std::move(entry));
    const std::optional<plugin::Version> newest = plan.newest_applied();
    for (Entry& entry : plan.entries) {
        entry.out_of_order = entry.is_pending() && newest && *entry.version < *newest;
        entry.newer_than_all_here = entry.version && newest_here && *newest_here < *entry.version;
    }
    return plan;
}

void check_stale(Entry& entry) {
    if (!entry.source || !entry.library)
        return;
    std::error_code error;
    const auto size = std::filesystem::file_size(*entry.source, error);
    std::string text(error ? 0 : size, '\0');
    std::ifstream file(*entry.source, std::ios::binary);
    if (error || !file.read(text.data(), static_cast<std::streamsize>(text.size())))
        throw report::Failure(report::ExitCode::other, fmt::format("cannot read {}", *entry.source),
                              "Check its permissions.");
    entry.stale = text != entry.library->source && plugin::source_checksum(text) != entry.library->checksum;
}

void add_unfinished(Plan& plan, std::vector<history::Unfinished> unfinished) {
    for (history::Unfinished& each : unfinished) {
        if (!each.version) // no library can be it
            continue;
        const auto before = [](const Entry& entry, const plugin::Version& version) {
            return !entry.version || *entry.version < version;
        };
        auto place = std::lower_bound(plan.entries.begin(), plan.entries.end(), *each.version, before);
        if (place == plan.entries.end() || place->version != each.version) {
            if (each.backwards)
                continue;
            place = plan.entries.insert(place, Entry{});
            place->version = each.version;
        }
        if (place->applied.has_value() == each.backwards)
            place->unfinished = std::move(each);
    }
}

std::size_t find_version(const std::vector<std::string>& versions, std::string_view text) {
    std::size_t found = 0;
    std::size_t count = 0;
    std::optional<std::size_t> spelled_otherwise;
    const std::optional<plugin::Version> parsed = plugin::Version::parse(text);
    for (std::size_t i = 0; i < versions.size(); ++i) {
        const plugin::Version version = *plugin::Version::parse(versions[i]);
        const std::string stem = version.stem();
        if (text == versions[i] || text == stem)
            return i;
        if (version == parsed)
            spelled_otherwise = i;
        if (!text.empty() && (versions[i].starts_with(text) || stem.starts_with(text))) {
            found = i;
            ++count;
        }
    }
    if (count == 1)
        return found;
    if (spelled_otherwise)
        return *spelled_otherwise;
    if (count > 1)
        throw report::Failure(report::ExitCode::usage,
                              fmt::format("{} migrations begin with '{}'", count, text),
                              "Give more of the version; `dibs status` lists them.");
    std::string hint = report::did_you_mean(text, versions);
    hint += hint.empty() ? "`dibs status` lists them." : " `dibs status` lists all.";
    throw report::Failure(report::ExitCode::usage, fmt::format("there is no migration '{}'", text),
                          std::move(hint));
}

const Entry& find_version(const Plan& plan, std::string_view text) {
    std::vector<std::string> labels;
    std::vector<const Entry*> entries;
    for (const Entry& entry : plan.entries)
        if (entry.version) {
            labels.push_back(entry.label());
            entries.push_back(&entry);
        }
    return *entries[find_version(labels, text)];
}

} // namespace dibs::migration
