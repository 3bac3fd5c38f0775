#pragma once

#include "cli/command.hpp"

namespace dibs::cli {

inline Option strict_option() {
    return {.name = "strict",
            .help = "end with 7 where history and libraries disagree in any way (in dibs.yaml: strict)"};
}

inline bool is_strict(const Invocation& invocation) {
    return invocation.arguments.has("strict") || invocation.settings.strict;
}

} // namespace dibs::cli
