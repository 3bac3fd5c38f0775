#include "history/runner_version.hpp"

namespace dibs::history {

constinit const std::string_view runner_version = DIBS_VERSION;

} // namespace dibs::history
