#pragma once

#include <functional>
#include <optional>
#include <string>

namespace dibs::config {

/// The environment's variables by name; nothing where the variable is not set (an empty one is set).
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The variables of this process. The only place that reads them; not to be called while another thread
/// changes them.
[[nodiscard]] Environment process_environment();

} // namespace dibs::config
