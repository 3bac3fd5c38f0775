#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "history/history.hpp"
#include "plugin/directory.hpp"
#include "plugin/library.hpp"

namespace dibs::migration {

enum class State {
    applied,
    pending,
    changed,              ///< applied, and the library was built from another source since
    missing,              ///< applied, and there is no library
    newer,                ///< missing, and newer than all that is here: a newer dibs project was here
    foreign,              ///< a row of the history whose version is none that dibs writes
    retired,              ///< applied, and its library is known to be gone
    baseline,             ///< recorded by `dibs baseline`, not run
    not_built,            ///< not applied: a source without a library
    stale,                ///< the source is not the one that the library was built from
    interrupted,          ///< not applied: it has no transaction, was begun and did not get to its end
    running,              ///< the same, and a run is at it now
    rollback_interrupted, ///< applied: its rollback() has no transaction, was begun and did not get to its
                          ///< end
    rolling_back,         ///< the same, and a run is at it now
};

std::string_view name_of(State state);

/// One migration, as the three places that know of it have it.
struct Entry {
    std::optional<plugin::Version> version; ///< nothing for a history row that is no version of ours
    std::optional<plugin::Library> library;
    std::optional<std::string> source;
    std::optional<history::Applied> applied;
    std::optional<history::Unfinished> unfinished; ///< of one that is applied: its rollback()
    std::vector<std::string> also_recorded_as;     ///< further rows of this version, in other spellings
    bool stale = false;
    bool out_of_order = false;        ///< not applied, and older than the newest that is
    bool newer_than_all_here = false; ///< than every library and source; there is at least one
    bool only_comments = false;       ///< changed in nothing that the compiler sees

    [[nodiscard]] State state() const;
    [[nodiscard]] std::string label() const; ///< the version; of a foreign row its text
    /// An interrupted one of which nothing is left here is not: there is nothing to run.
    [[nodiscard]] bool is_pending() const { return !applied && (library || source); }
};

/// All migrations in order; rows that are no versions first.
struct Plan {
    std::vector<Entry> entries;

    /// The newest version that is applied.
    [[nodiscard]] std::optional<plugin::Version> newest_applied() const;
    [[nodiscard]] std::size_t applied_count() const; ///< those that are in the history
    [[nodiscard]] std::size_t pending_count() const;
};

/// @param sources nothing where there is no source folder, as in production: nothing is said about sources
/// then
Plan make_plan(std::vector<plugin::Library> libraries,
               const std::optional<std::vector<plugin::NamedFile>>& sources,
               std::vector<history::Applied> applied);

/// Adds what the history says of migrations that were begun and are not applied, and of rollbacks.
void add_unfinished(Plan& plan, std::vector<history::Unfinished> unfinished);

/// Compares an entry's source, where there is one, with the text that its library was built from, line
/// endings and byte order mark aside, and sets `stale`. @throws report::Failure when the source cannot be
/// read
void check_stale(Entry& entry);

/// What a person means by a version: all of it, a file's stem, or the start of either, when only one begins
/// so. @return the index among these versions, which are spelled as dibs does
/// @throws report::Failure (usage) when none or several do, with the nearest
std::size_t find_version(const std::vector<std::string>& versions, std::string_view text);
/// The same among all that are known.
const Entry& find_version(const Plan& plan, std::string_view text);

} // namespace dibs::migration
