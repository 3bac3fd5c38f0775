#include "cli/row_check.hpp"

#include <chrono>
#include <tuple>

#include <fmt/format.h>

namespace dibs::cli {

void look_at_rows(database::Connection& target, schema::Plan& plan) {
    using std::chrono::steady_clock;
    constexpr int one_look = 500; // ms
    constexpr std::chrono::milliseconds all_looks{2000};
    const auto end = steady_clock::now() + all_looks;
    for (schema::Change& change : plan.changes)
        for (schema::Hazard& hazard : change.hazards) {
            if (hazard.probe.empty() || steady_clock::now() > end)
                continue;
            const database::Outcome seen = target.script(
                fmt::format("BEGIN READ ONLY; SET LOCAL search_path = ''; SET LOCAL lock_timeout = {0}; SET "
                            "LOCAL statement_timeout = {0}; SELECT EXISTS ({1}); COMMIT",
                            one_look, hazard.probe));
            if (seen.error) {
                std::ignore = target.script("ROLLBACK");
                continue;
            }
            for (const database::Result& result : seen.results)
                if (result.rows() == 1 && result.text(0, 0) == "t") {
                    hazard.type = schema::Hazard::Type::fails;
                    hazard.text = hazard.if_so;
                }
        }
}

} // namespace dibs::cli
