#include "cli/version.hpp"

#include <fmt/format.h>

#include "database/connection.hpp"
#include "history/runner_version.hpp"
#include "plugin/note.hpp"
#include "report/json.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

/// From PostgreSQL 10 on a version has two numbers, and libpq is at least of that age.
std::string libpq_version() {
    const int number = database::client_version();
    return fmt::format("{}.{}", number / 10000, number % 10000);
}

std::string abi_version(const plugin::Note& own) {
    return fmt::format("{}.{}", own.abi_major, own.abi_minor);
}

} // namespace

std::string version_text() {
    constexpr std::size_t enough_digits = 12; // to tell one commit from another
    const plugin::Note own = plugin::own_note();
    std::string from = "unknown (built from a copy of the sources without git)";
    if (!commit.hash.empty())
        from = fmt::format("{}{}", commit.hash.substr(0, enough_digits),
                           commit.modified ? ", with changes that were not committed" : "");
    std::vector<std::vector<std::string>> rows{
        {"commit", from},
        {"plug-in ABI", abi_version(own)},
        {"compiler", fmt::format("{}, {}", own.compiler, own.standard_library)},
        {"libpq", libpq_version()},
        {"build type", DIBS_BUILD_TYPE},
    };
    if (own.sanitizer != "none")
        rows.push_back({"sanitizer", own.sanitizer});
    std::string text = fmt::format("dibs {}", history::runner_version);
    for (const std::string& line : report::aligned(rows))
        text += "\n  " + line;
    return text;
}

std::string version_json(const report::Redactor& redactor) {
    const plugin::Note own = plugin::own_note();
    report::Fact hash = nullptr;
    report::Fact modified = nullptr;
    if (!commit.hash.empty()) {
        hash = std::string(commit.hash);
        modified = commit.modified;
    }
    return report::to_json({{"version", std::string(history::runner_version)},
                            {"commit", hash},
                            {"modified", modified},
                            {"abi", abi_version(own)},
                            {"compiler", own.compiler},
                            {"standard_library", own.standard_library},
                            {"sanitizer", own.sanitizer},
                            {"libpq", libpq_version()},
                            {"build_type", DIBS_BUILD_TYPE}},
                           redactor);
}

} // namespace dibs::cli
