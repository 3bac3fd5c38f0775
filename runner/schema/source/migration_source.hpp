#pragma once

#include <optional>
#include <string>

#include "schema/diff/phases.hpp"

namespace dibs::schema {

/// A migration's C++ source.
/// @param comment for its first lines, without the slashes
/// @param back what undoes it, if that is to be its rollback()
std::string migration_source(const std::string& comment, const Phase& phase,
                             const std::optional<Phase>& back);

} // namespace dibs::schema
