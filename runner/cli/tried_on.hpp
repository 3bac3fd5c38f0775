#pragma once

#include <string>

#include "config/settings.hpp"
#include "schema/model/model.hpp"

namespace dibs::cli {

/// Of what is compared of a schema (diff: in dibs.yaml), for telling it from another one: lower-case hex.
std::string fingerprint(const schema::Model& model, const config::Settings& settings);

/// The line of a migration's source that says which schema it was tried on.
std::string tried_on_line(const std::string& fingerprint);

/// What tried_on_line() wrote into the comment that a source begins with, which is where a fingerprint
/// begins; empty where there is none.
std::string tried_on(const std::string& source);

} // namespace dibs::cli
