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
    case State::not_built:
        return "not built";
    case State::stale:
        return "stale";
    case State::interrupted:
        return "interrupted";
    case State::running:
        return "running";
    }
    return "";
}

State Entry::state() const {
    if (applied) {
        if (!library)
            return State::missing;
        const bool comparable =
            applied->checksum_algorithm == plugin::checksum_algorithm; // unknown for older rows
        if (comparable && applied->checksum != library->checksum)
            return State::changed;
        return stale ? State::stale : State::applied;
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

std::size_t Plan::applied_count() const {
    return static_cast<std::size_t>(std::count_if(
        entries.begin(), entries.end(), [](const Entry& entry) { return entry.applied.has_value(); }));
}

std::size_t Plan::pending_count() const {
    return static_cast<std::size_t>(
        std::count_if(entries.begin(), entries.end(), [](const Entry& entry) { return entry.is_pending(); }));
}

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
    std::optional<plugin::Version> newest;
    for (history::Applied& row : applied) {
        if (!row.version) {
            plan.entries.emplace_back().applied = std::move(row);
            continue;
        }
        if (!newest || *newest < *row.version)
            newest = row.version;
        Entry& entry = at(*row.version);
        if (!entry.applied ||
            entry.applied->checksum.empty()) // two spellings of one version: the one that knows more
            entry.applied = std::move(row);
    }
    for (auto& [version, entry] : known) {
        entry.out_of_order = entry.is_pending() && newest && version < *newest;
        plan.entries.push_back(std::move(entry));
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
            place = plan.entries.insert(place, Entry{});
            place->version = each.version;
        }
        if (!place->applied)
            place->unfinished = std::move(each);
    }
}

const Entry& find_version(const Plan& plan, std::string_view text) {
    const Entry* found = nullptr;
    std::size_t count = 0;
    std::vector<std::string> labels;
    for (const Entry& entry : plan.entries) {
        if (!entry.version)
            continue;
        labels.push_back(entry.label());
        if (text == entry.label() || text == entry.version->stem())
            return entry;
        if (!text.empty() && (entry.label().starts_with(text) || entry.version->stem().starts_with(text))) {
            found = &entry;
            ++count;
        }
    }
    if (count == 1)
        return *found;
    if (const auto parsed = plugin::Version::parse(text)) // another spelling
        for (const Entry& entry : plan.entries)
            if (entry.version == parsed)
                return entry;
    if (count > 1)
        throw report::Failure(report::ExitCode::usage,
                              fmt::format("{} migrations begin with '{}'", count, text),
                              "Give more of the version; `dibs status` lists them.");
    std::string hint = report::did_you_mean(text, labels);
    hint += hint.empty() ? "`dibs status` lists them." : " `dibs status` lists all.";
    throw report::Failure(report::ExitCode::usage, fmt::format("there is no migration '{}'", text),
                          std::move(hint));
}

} // namespace dibs::migration
