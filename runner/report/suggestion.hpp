#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dibs::report {

/// The one of `known` that was probably meant by `name`: the only one that begins like it; else the smallest
/// number of insertions, deletions, replacements and swaps of neighbours (case, and '-' against '_', count
/// for nothing), up to a third of the longer name; failing that, the only one that contains `name`. Of equals
/// the first.
[[nodiscard]] std::optional<std::string> closest(std::string_view name, std::span<const std::string> known);

/// `Did you mean "status"?`, or nothing where nothing is close. Fit for Failure::hint().
[[nodiscard]] std::string did_you_mean(std::string_view name, std::span<const std::string> known);

} // namespace dibs::report
