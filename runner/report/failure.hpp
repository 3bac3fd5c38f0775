#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace dibs::report {

/// What the process ends with; the table in docs/design.md is made from this one.
enum class ExitCode {
    done = 0,
    other = 1,
    usage = 2,
    pending = 3,
    lock_not_obtained = 4,
    rolled_back = 5,
    partly_applied = 6,
    disagreement = 7,
    unreachable = 8,
    interrupted = 130, ///< by SIGINT, as shells count it
    terminated = 143,  ///< by SIGTERM
};

/// An error that ends the command: what happened and where (what()), what the user can do (hint, may be
/// empty), and the exit code. Text is shown as it is, so it names files and versions, and never a password:
/// the sink passes it through the redactor all the same.
class Failure : public std::runtime_error {
  public:
    Failure(ExitCode code, const std::string& what, std::string hint = {})
        : std::runtime_error(what), code_(code), hint_(std::move(hint)) {}

    [[nodiscard]] ExitCode code() const noexcept { return code_; }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

  private:
    ExitCode code_;
    std::string hint_;
};

} // namespace dibs::report
