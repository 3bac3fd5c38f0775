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

/// From here on the first SIGINT or SIGTERM is only noted; the second one ends the program at once. A signal
/// that is ignored stays so. To be called once, by a program that looks at the rest of these.
void note_interrupts();

/// The signal that came, or 0.
int interrupt() noexcept;
/// Becomes readable when it comes, and stays so; -1 before note_interrupts().
int interrupt_descriptor() noexcept;
/// @throws Interrupted when it has come
void check_interrupt();
/// @throws Interrupted when it comes meanwhile
void sleep(std::chrono::milliseconds time);

} // namespace dibs::process
