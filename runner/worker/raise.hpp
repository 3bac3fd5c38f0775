#pragma once

#include "worker/session.hpp"

namespace dibs::worker {

/// Throws it as the migration's author knows it: as a dibs::Error.
[[noreturn]] void raise(const CallFailure& failure);

} // namespace dibs::worker
