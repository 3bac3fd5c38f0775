#include "migration/backfill/pace.hpp"

#include <algorithm>

namespace dibs::migration {
namespace {

/// How much of the time of a row is the last batch's.
constexpr double weight = 0.4;

} // namespace

void Pace::resume(std::int64_t size) {
    if (fixed_ == 0 && size > 0)
        size_ = std::min(size, largest_);
}

void Pace::took(std::int64_t rows, std::chrono::microseconds time) {
    if (rows <= 0)
        return;
    const double time_of_row =
        static_cast<double>(std::max<std::int64_t>(time.count(), 1)) / static_cast<double>(rows);
    time_of_row_ = time_of_row_ == 0 ? time_of_row : (1 - weight) * time_of_row_ + weight * time_of_row;
    // A step at a time: one batch may have been lucky, or have met a checkpoint.
    const std::int64_t most = std::min(largest_, size_ * 2);
    if (fixed_ > 0)
        size_ = std::min(fixed_, size_ * 2);
    else
        size_ = std::clamp(static_cast<std::int64_t>(static_cast<double>(target_.count()) / time_of_row_),
                           std::max<std::int64_t>(1, size_ / 4), most);
}

bool Pace::split() {
    if (size_ <= 1)
        return false;
    size_ /= 2;
    return true;
}

} // namespace dibs::migration
