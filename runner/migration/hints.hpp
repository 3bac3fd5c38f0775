#pragma once

#include <string>
#include <string_view>

#include "database/error.hpp"
#include "worker/session.hpp"

namespace dibs::migration {

/// What dibs can add to an error, behind a hint of PostgreSQL's own: the way out within a migration.
/// Empty when there is nothing to add.
std::string hint_for(const database::Message& said, std::string_view sql);

/// What the server said of a call, with the hint.
worker::CallFailure failure_of(const database::Message& said, const worker::Call& call);

} // namespace dibs::migration
