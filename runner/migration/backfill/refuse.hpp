#pragma once

#include <string>

#include "worker/session.hpp"

namespace dibs::migration {

/// Throws an error of dibs's own. @param where the call of the migration; its SQL is shown, if it has some
[[noreturn]] void refuse(std::string reason, std::string hint, const worker::Call& where);

} // namespace dibs::migration
