#pragma once

#include <string_view>

namespace dibs::history {

/// What the history says about who wrote a row.
inline constexpr std::string_view runner_version = DIBS_VERSION;

} // namespace dibs::history
