#include "report/suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace dibs::report {
namespace {

std::string folded(std::string_view name) {
    std::string result(name);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c - 'A' + 'a');
        } else if (c == '-') {
            c = '_';
        }
    }
    return result;
}

// The optimal string alignment distance: Levenshtein's, and a swap of neighbours counts as one.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = a[i - 1] == b[j - 1];
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return last[b.size()];
}

template <class Fits>
std::optional<std::string> only_one(std::string_view part, std::span<const std::string> known, Fits fits) {
    constexpr std::size_t too_short_to_tell = 2;
    if (part.size() <= too_short_to_tell) {
        return std::nullopt;
    }
    const auto matches = [&](const std::string& name) { return fits(folded(name)); };
    const auto found = std::find_if(known.begin(), known.end(), matches);
    if (found == known.end() || std::any_of(found + 1, known.end(), matches)) {
        return std::nullopt;
    }
    return *found;
}

std::optional<std::string> only_one_containing(std::string_view part, std::span<const std::string> known) {
    return only_one(part, known,
                    [part](const std::string& name) { return name.find(part) != std::string::npos; });
}

std::optional<std::string> only_one_beginning(std::string_view part, std::span<const std::string> known) {
    return only_one(part, known, [part](const std::string& name) { return name.starts_with(part); });
}

} // namespace

std::optional<std::string> closest(std::string_view name, std::span<const std::string> known) {
    const std::string wanted = folded(name);
    if (std::optional<std::string> begun = only_one_beginning(wanted, known)) {
        return begun;
    }
    const std::string* best = nullptr;
    std::size_t best_distance = 0;
    for (const std::string& candidate : known) {
        const std::size_t longer = std::max(candidate.size(), wanted.size());
        const std::size_t limit = (longer + 1) / 3;
        if (wanted.empty() || longer - std::min(candidate.size(), wanted.size()) > limit) {
            continue; // the lengths alone are too far apart
        }
        const std::size_t d = distance(wanted, folded(candidate));
        if (d <= limit && (best == nullptr || d < best_distance)) {
            best = &candidate;
            best_distance = d;
        }
    }
    return best != nullptr ? std::optional(*best) : only_one_containing(wanted, known);
}

std::string did_you_mean(std::string_view name, std::span<const std::string> known) {
    const std::optional<std::string> meant = closest(name, known);
    return meant ? "Did you mean \"" + *meant + "\"?" : std::string();
}

} // namespace dibs::report
