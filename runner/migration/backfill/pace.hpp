#pragma once

#include <chrono>
#include <cstdint>

namespace dibs::migration {

/// How many rows the next batch is to have.
class Pace {
  public:
    static constexpr std::int64_t first = 1'000;
    static constexpr std::int64_t largest = 100'000;
    /// Of one of several workers. What they write comes to fill the server's buffers of its log, where they
    /// then wait for each other; and while one commits, the others go on (bench/backfill.sh).
    static constexpr std::int64_t largest_beside_others = 10'000;

    /// @param fixed 0: as many as take `target`
    Pace(std::int64_t fixed, std::chrono::microseconds target, bool beside_others = false)
        : fixed_(fixed), target_(target), largest_(beside_others ? largest_beside_others : largest) {
        if (fixed > 0)
            size_ = fixed;
    }

    [[nodiscard]] std::int64_t size() const { return size_; }
    /// Goes on from where an earlier run was.
    void resume(std::int64_t size);
    /// A batch of so many rows was done.
    void took(std::int64_t rows, std::chrono::microseconds time);
    /// A batch of the present size did not get through: half as many. @return false: it was of one row
    bool split();

  private:
    std::int64_t fixed_;
    std::chrono::microseconds target_;
    std::int64_t largest_;
    std::int64_t size_ = first;
    double time_of_row_ = 0; ///< in microseconds, smoothed; 0: unknown
};

} // namespace dibs::migration
