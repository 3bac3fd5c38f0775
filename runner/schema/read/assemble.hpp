#pragma once

#include <span>
#include <string>
#include <vector>

#include "database/result.hpp"
#include "schema/model/model.hpp"
#include "schema/read/definitions.hpp"
#include "schema/read/reader.hpp"

namespace dibs::schema {

/// The model that the results of catalog_queries() describe.
Model assemble(std::span<const database::Result> results, const Definitions& definitions,
               const ReadOptions& options);

} // namespace dibs::schema
