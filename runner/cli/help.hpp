#pragma once

#include <string>

#include "cli/command.hpp"

namespace dibs::cli {

std::string overview();
std::string help_for(const Command& command);

} // namespace dibs::cli
