#pragma once

#include <string>
#include <string_view>

#include "report/redactor.hpp"

namespace dibs::cli {

/// The sources that this program was built from; packaging/write_commit.cmake writes it at each build.
struct Commit {
    std::string_view hash; ///< 40 digits; empty where there was neither git nor an archive made by it
    bool modified = false; ///< files differed from that commit
};
extern const Commit commit;

/// The answer to `dibs --version`, and to `dibs --version --json`.
std::string version_text();
std::string version_json(const report::Redactor& redactor);

} // namespace dibs::cli
