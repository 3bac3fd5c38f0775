#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/program.hpp"

namespace dibs::tests {

/// What a person sees who types commands, with what is different each time masked: durations, times of day,
/// and the given texts (folders, names of databases). Standard error is marked by "! ".
class Session {
  public:
    /// @param masks each with what is shown in its place; the first that fits wins
    explicit Session(std::vector<std::pair<std::string, std::string>> masks) : masks_(std::move(masks)) {}

    /// @param typed what the person typed, without "dibs"
    void note(const std::string& typed, const Ran& ran);
    [[nodiscard]] std::string text() const;

  private:
    std::vector<std::pair<std::string, std::string>> masks_;
    std::string text_;
};

/// Fails the test unless tests/snapshots/<name>.txt is this text. With DIBS_RENEW_SNAPSHOTS=1 in the
/// environment it is written instead: read the difference that git shows before you commit it.
void check_snapshot(const std::string& name, std::string_view text);

} // namespace dibs::tests
