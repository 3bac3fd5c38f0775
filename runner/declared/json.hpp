#pragma once

#include <string>

#include "declared/model.hpp"
#include "report/redactor.hpp"

namespace dibs::declared {

/// The document of `dibs schema --json` (docs/json.md).
std::string to_json(const Schema& schema, const report::Redactor& redactor);

} // namespace dibs::declared
