#pragma once

#include <string_view>

namespace dibs::history {

/// What the history says about who wrote a row.
extern const std::string_view runner_version;

} // namespace dibs::history
