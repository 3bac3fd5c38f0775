#pragma once

#include <cstdint>

#include <dibs/abi.hpp>

namespace dibs {
inline namespace abi_v1 {

/// A place in the migration's source.
struct Location {
    const char* file;
    std::uint32_t line;
};

} // namespace abi_v1
} // namespace dibs
