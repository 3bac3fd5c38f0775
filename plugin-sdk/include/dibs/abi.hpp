#pragma once

/// The contract between a migration's library and the program that runs it, as numbers.
///
/// A library is accepted when its major version equals the runner's and its minor version is not above the
/// runner's. The minor version grows when something is appended (a virtual function at the end of a class, an
/// option, a field), the major version when anything else changes; then the inline namespace changes too.
#define DIBS_ABI_MAJOR 1
#define DIBS_ABI_MINOR 2

/// Names that both sides must agree on: exceptions are matched by their type's name across the boundary.
#define DIBS_API [[gnu::visibility("default")]]

namespace dibs {
inline namespace abi_v1 {} // namespace abi_v1
} // namespace dibs
