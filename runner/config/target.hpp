#pragma once

#include "config/layer.hpp"
#include "config/settings.hpp"

namespace dibs::config {

/// Which database is meant: --database-url, then DATABASE_URL, then what dibs.yaml says (`layer`, in `file`),
/// then libpq's PG* variables. The first that is there decides; an empty or malformed one is an error, and
/// the next is not asked. Never repeats the value, which may hold a password.
[[nodiscard]] Database choose_database(const Overrides& overrides, const Environment& environment,
                                       const Layer& layer, const std::string& file,
                                       const std::filesystem::path& root);

} // namespace dibs::config
