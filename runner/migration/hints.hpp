#pragma once

#include <string>
#include <string_view>

#include "database/error.hpp"

namespace dibs::migration {

/// What dibs can add to an error where PostgreSQL has no hint of its own: the way out within a migration.
/// Empty when there is nothing to add.
std::string hint_for(const database::Message& said, std::string_view sql);

} // namespace dibs::migration
