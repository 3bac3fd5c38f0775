#pragma once

#include <cstddef>

namespace dibs::process {

/// Counts the threads of this process, to find those that somebody else's function leaves running.
class Threads {
  public:
    Threads() : before_(count()) {}

    /// How many more there are than when this was made. One that has been joined may be counted for a moment
    /// still, so a number above 0 is found only when it stays for 100 ms. 0 where /proc is not there.
    [[nodiscard]] std::size_t left() const;

  private:
    [[nodiscard]] static std::size_t count();

    std::size_t before_;
};

} // namespace dibs::process
