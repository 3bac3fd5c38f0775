#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "schema/diff/compare.hpp"

namespace dibs::schema {

enum class Verdict { create, drop, rebuild, alter };

/// What becomes of each object that does not simply stay.
struct Verdicts {
    std::map<Key, Verdict> of;
    std::map<Key, Alteration> alterations; ///< of those that are altered
    std::map<Key, std::string> reasons;    ///< of those that are made again
    std::map<Key, Key> renamed;            ///< indexes and constraints by their new names, with the old
    /// Types that columns have which stay: renamed, made again, and dropped when the columns have the new
    /// one.
    std::set<Key> aside;
    std::set<Key> retyped; ///< columns that get another type, wherever the statement for it stands
    std::vector<std::string> unsupported;

    [[nodiscard]] bool is(const Key& key, Verdict verdict) const {
        const auto found = of.find(key);
        return found != of.end() && found->second == verdict;
    }
    /// Dropped, made again later or not.
    [[nodiscard]] bool gone(const Key& key) const {
        return is(key, Verdict::drop) || is(key, Verdict::rebuild);
    }
    /// Made, having been there before or not.
    [[nodiscard]] bool made(const Key& key) const {
        return is(key, Verdict::create) || is(key, Verdict::rebuild);
    }
};

/// Compares object by object, and follows what that means for those that depend on each other.
Verdicts decide(const Context& context);

} // namespace dibs::schema
