#include "cli/run_times.hpp"

#include <fmt/format.h>

#include "config/duration.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;
using report::Failure;
using std::chrono::milliseconds;

std::optional<milliseconds> duration(const Invocation& invocation, const char* option) {
    const std::optional<std::string> text = invocation.arguments.value(option);
    if (!text)
        return std::nullopt;
    const std::optional<milliseconds> value = config::parse_duration(*text);
    if (!value)
        throw Failure(ExitCode::usage, fmt::format("--{} takes a duration, not '{}'", option, *text),
                      "Write a whole number and a unit: 500ms, 5s, 2min or 1h.");
    return value;
}

unsigned lock_attempts(const Invocation& invocation) {
    const std::optional<std::string> text = invocation.arguments.value("lock-attempts");
    if (!text)
        return invocation.settings.lock_attempts;
    const std::optional<unsigned> count = config::parse_count(*text);
    if (!count)
        throw Failure(ExitCode::usage,
                      fmt::format("--lock-attempts takes a number from 1 to 1000, not '{}'", *text),
                      "Give how often to try in all, as in --lock-attempts 3.");
    return *count;
}

} // namespace

milliseconds lock_wait(const Invocation& invocation) {
    return duration(invocation, "lock-wait").value_or(invocation.settings.lock_wait);
}

RunTimes run_times(const Invocation& invocation) {
    RunTimes times{duration(invocation, "lock-timeout"), lock_wait(invocation), lock_attempts(invocation),
                   duration(invocation, "lock-retry-time").value_or(invocation.settings.lock_retry_time),
                   duration(invocation, "migration-timeout").value_or(invocation.settings.migration_timeout)};
    if (times.lock_timeout == milliseconds(0))
        throw Failure(ExitCode::usage, "a --lock-timeout of 0 would wait without end",
                      "Give a duration such as 5s.");
    if (!times.lock_timeout)
        times.lock_timeout = invocation.settings.lock_timeout;
    return times;
}

Option lock_wait_option() {
    return {.name = "lock-wait", .value = "DURATION", .help = "how long to wait for another run (60s)"};
}

std::vector<Option> run_time_options() {
    return {
        lock_wait_option(),
        {.name = "lock-timeout",
         .value = "DURATION",
         .help = "how long a statement may wait for a lock (the server's deadlock_timeout and 500ms)"},
        {.name = "lock-attempts",
         .value = "N",
         .help = "how often to try a migration that does not get its locks (10)"},
        {.name = "lock-retry-time", .value = "DURATION", .help = "how long to go on trying (5min)"},
        {.name = "migration-timeout",
         .value = "DURATION",
         .help = "end a migration that takes longer (unlimited)"},
    };
}

} // namespace dibs::cli
