#pragma once

#include "database/result.hpp"
#include "worker/session.hpp"

namespace dibs::migration {

worker::Table table_of(const database::Result& result);

} // namespace dibs::migration
