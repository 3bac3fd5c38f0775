#pragma once

#include <string>

#include "cli/command.hpp"

namespace dibs::cli {

/// The options that every command has.
const std::vector<Option>& common_options();

std::string overview();
std::string help_for(const Command& command);

} // namespace dibs::cli
