#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "cli/command.hpp"

namespace dibs::cli {

/// How long what may take in a run of migrations: the command line before dibs.yaml.
struct RunTimes {
    std::optional<std::chrono::milliseconds> lock_timeout; ///< none: the server's deadlock_timeout decides
    std::chrono::milliseconds lock_wait;
    unsigned lock_attempts;
    std::chrono::milliseconds lock_retry_time;
    std::chrono::milliseconds migration;
};

/// @throws report::Failure (usage)
RunTimes run_times(const Invocation& invocation);
/// For commands that only write to the history. @throws report::Failure (usage)
std::chrono::milliseconds lock_wait(const Invocation& invocation);

Option lock_wait_option();
/// Those that set the times above.
std::vector<Option> run_time_options();

} // namespace dibs::cli
