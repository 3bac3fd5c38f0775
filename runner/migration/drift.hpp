#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/connection.hpp"
#include "history/history.hpp"
#include "migration/plan.hpp"
#include "report/failure.hpp"

namespace dibs::migration {

/// In what the history and what is here disagree; docs/drift.md has the rules.
enum class Drift {
    changed,
    only_comments, ///< changed in nothing that the compiler sees
    missing,
    taken_over, ///< missing, and recorded by another program: it may never have had a library
    newer,
    foreign,
    recorded_twice,
};

std::string_view name_of(Drift kind);

/// Whether nothing may be applied on top of it; otherwise it is warned of.
bool is_refused(Drift kind, bool strict);

struct Drifted {
    std::string version;
    std::string remark; ///< what else is known of it, or empty
};

/// All that disagree in one way.
struct Disagreement {
    Drift kind;
    std::vector<Drifted> migrations;
};

/// What disagrees, as far as a plan tells.
std::vector<Disagreement> find_drift(const Plan& plan);

/// Which of the changed migrations have changed in comments and white space only: their sources are read
/// from the history, as nothing else reads them. @throws report::Failure when the server refuses
void compare_sources(Plan& plan, const history::History& history, database::Connection& connection);

/// "2026_01_24_120000-create_users was changed after it was applied", or how many were, and which.
std::string sentence(const Disagreement& disagreement);
/// What resolves it, with a command at its end.
std::string resolution(const Disagreement& disagreement);

/// The error with which nothing is applied; nothing where all of it is only warned of.
std::optional<report::Failure> refusal(const std::vector<Disagreement>& drift, bool strict);

} // namespace dibs::migration
