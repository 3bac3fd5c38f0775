#include "migration/lost_commit.hpp"

#include <algorithm>
#include <exception>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "history/lock.hpp"
#include "history/session.hpp"
#include "process/interrupt.hpp"

namespace dibs::migration {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool is_recorded(const database::Connection& lost, const history::History& history,
                 const plugin::Version& version, steady_clock::time_point until) {
    database::Connection other = lost.beside("dibs");
    std::ignore =
        other
            .script(fmt::format(
                "{}", fmt::join(history::session_settings(other.server_version(), milliseconds(0)), "; ")))
            .or_throw();
    const history::Lock lock(other, history.lock_name(lost),
                             std::chrono::duration_cast<milliseconds>(until - steady_clock::now()),
                             [](const history::Holder&) {});
    const std::vector<history::Applied> rows = history.read(other);
    return std::any_of(rows.begin(), rows.end(),
                       [&](const history::Applied& row) { return row.version == version; });
}

} // namespace

void find_out(const database::Connection& lost, const history::History& history, const Pending& pending,
              milliseconds limit, Attempt& tried) {
    std::string why_not;
    const auto until = steady_clock::now() + limit;
    try {
        do {
            try {
                if (is_recorded(lost, history, pending.library.version, until) != pending.backwards())
                    tried.failure.reset();
                else
                    tried.partly_applied = !pending.library.note.transaction;
                tried.outcome_unknown = false;
                return;
            } catch (const process::Interrupted&) {
                throw;
            } catch (const std::exception& error) { // the server starts again, say
                why_not = error.what();
            }
            process::sleep(milliseconds(200));
        } while (steady_clock::now() < until);
    } catch (const process::Interrupted& interrupted) {
        why_not = interrupted.what();
        tried.interrupted = true;
    }
    tried.failure->outcome =
        "whether it was committed is unknown: `dibs status` tells when the server can be reached" +
        (why_not.empty() ? "" : " (" + why_not + ")");
}

} // namespace dibs::migration
