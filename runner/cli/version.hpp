#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/redactor.hpp"

namespace dibs::cli {

/// The sources that this program was built from; packaging/write_commit.cmake writes it at each build.
struct Commit {
    std::string_view hash; ///< 40 digits; empty where there was neither git nor an archive made by it
    bool modified = false; ///< files differed from that commit
};
extern const Commit commit;

/// The answer to `dibs --version`, or `dibs --version --json`; nothing when something else was typed.
std::optional<std::string> version_answer(const std::vector<std::string>& typed,
                                          const report::Redactor& redactor);

} // namespace dibs::cli
