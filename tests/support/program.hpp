#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "process/child.hpp"

namespace dibs::tests {

/// What a run of a program gave.
struct Ran {
    int code = -1; ///< exit code; -1 when a signal ended it
    std::string out;
    std::string err;
};

/// The dibs of this build tree.
const std::filesystem::path& dibs_program();
const std::filesystem::path& build_tree();

/// In this folder, with none of the caller's variables but those that find programs and set up sanitizers;
/// `variables` come on top.
process::Command command_in(const std::filesystem::path& folder, std::vector<std::string> argv,
                            std::map<std::string, std::string> variables = {});
Ran run_in(const std::filesystem::path& folder, std::vector<std::string> argv,
           std::map<std::string, std::string> variables = {});

} // namespace dibs::tests
