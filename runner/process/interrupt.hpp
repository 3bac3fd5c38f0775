#pragma once

#include <chrono>
#include <csignal>
#include <stdexcept>

namespace dibs::process {

/// Somebody wants the program to end: SIGINT (Ctrl-C) or SIGTERM.
class Interrupted : public std::runtime_error {
  public:
    explicit Interrupted(int signal);
    [[nodiscard]] int signal() const noexcept { return signal_; }

  private:
    int signal_;
};

/// What runs has had its time.
class TimeIsUp : public std::runtime_error {
  public:
    explicit TimeIsUp(std::chrono::milliseconds limit);
};

/// From here on the first SIGINT or SIGTERM is only noted; the second one ends the program at once. A signal
/// that is ignored stays so. To be called once, by a program that looks at the rest of these.
void note_interrupts();

/// The signal that came, or 0.
int interrupt() noexcept;
/// Becomes readable when it comes, or when the time limit in force is over; -1 before note_interrupts().
int interrupt_descriptor() noexcept;
/// @throws Interrupted when it has come, TimeIsUp when the time limit in force is over
void check_interrupt();
/// @throws as check_interrupt(), also when it comes meanwhile
void sleep(std::chrono::milliseconds time);

/// A limit for what is done while this lives; one at a time, after note_interrupts().
class TimeLimit {
  public:
    /// @param limit 0 is none
    explicit TimeLimit(std::chrono::milliseconds limit);
    TimeLimit(const TimeLimit&) = delete;
    TimeLimit& operator=(const TimeLimit&) = delete;
    ~TimeLimit();
};

} // namespace dibs::process
