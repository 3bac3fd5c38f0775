#pragma once

#include "process/file_descriptor.hpp"

#include <chrono>
#include <filesystem>

namespace dibs::embedded {

/// One process at a time makes, starts, stops or removes a cluster: flock(2) on a file that is never deleted.
/// A child that keeps the descriptor open keeps the lock, too.
class Lock {
  public:
    /// Waits; throws a Failure when another process still has it after this time.
    Lock(const std::filesystem::path& file, std::chrono::milliseconds patience);

    [[nodiscard]] int descriptor() const noexcept { return file_.get(); }

  private:
    process::FileDescriptor file_;
};

} // namespace dibs::embedded
