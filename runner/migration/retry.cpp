#include "migration/retry.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace dibs::migration {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds longest_repeated(10);
constexpr milliseconds first_pause(200);
constexpr milliseconds longest_pause(10'000);

milliseconds pause_after(unsigned made, double chance) {
    const unsigned doublings = std::min(made - 1, 10U);
    const milliseconds whole = std::min(first_pause * (1U << doublings), longest_pause);
    return whole / 2 +
           milliseconds(static_cast<std::int64_t>(static_cast<double>(whole.count()) / 2 * chance));
}

} // namespace

bool is_about_locks(std::string_view sqlstate) {
    return sqlstate == "55P03" || sqlstate == "40P01"; // lock_not_available, deadlock_detected
}

NextAttempt next_attempt(const RetryPolicy& policy, unsigned made, milliseconds last, milliseconds total,
                         double chance) {
    if (last > longest_repeated)
        return {{},
                fmt::format(
                    "It was not tried again, because it had worked for {} s: what takes long belongs into a "
                    "migration of its own, and what needs the lock into another. Many rows are changed by "
                    "ctx.backfill(), in batches.",
                    std::chrono::duration_cast<seconds>(last).count())};
    if (policy.attempts <= 1)
        return {};
    if (made >= policy.attempts)
        return {{},
                fmt::format("It was tried {} times. Run dibs again when the table is less busy, or raise "
                            "lock_attempts.",
                            made)};
    const milliseconds pause = pause_after(made, chance);
    if (total + pause > policy.time)
        return {
            {},
            fmt::format("It was tried {} times in {} s. Run dibs again when the table is less busy, or raise "
                        "lock_retry_time.",
                        made, std::chrono::duration_cast<seconds>(total).count())};
    return {pause, {}};
}

} // namespace dibs::migration
