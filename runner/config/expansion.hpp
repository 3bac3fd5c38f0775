#pragma once

#include "config/environment.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dibs::config {

/// What is wrong with a `${...}`; the caller knows the file and the line.
class ExpansionError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// `text` with `${NAME}` and `${NAME:-default}` replaced (the default stands in for an unset or empty
/// variable, as in the shell) and `$$` made `$`. A `$` before anything else stays, so that a shell command
/// may use its own variables. What was put in is not looked at again.
/// Throws ExpansionError for an unset variable without a default and for a malformed `${`.
[[nodiscard]] std::string expand(std::string_view text, const Environment& environment);

} // namespace dibs::config
