#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace dibs::migration {

/// How often and how long a migration is tried that does not get its locks.
struct RetryPolicy {
    unsigned attempts = 10; ///< in all; 1 does not try again
    std::chrono::milliseconds time = std::chrono::minutes(5);
};

/// Whether the error is one that another attempt can mend: a lock that was not obtained in time, or a
/// deadlock. A statement_timeout is not: it would run as long again.
bool is_about_locks(std::string_view sqlstate);

/// What follows an attempt that failed for its locks.
struct NextAttempt {
    std::optional<std::chrono::milliseconds> pause; ///< before it; nothing: there is none
    std::string why_not;                            ///< for people, with what to do
};

/// @param made attempts up to now
/// @param last how long the last one took
/// @param total how long it is since the first began
/// @param chance between 0 and 1, so that runs that met do not meet again
NextAttempt next_attempt(const RetryPolicy& policy, unsigned made, std::chrono::milliseconds last,
                         std::chrono::milliseconds total, double chance);

} // namespace dibs::migration
