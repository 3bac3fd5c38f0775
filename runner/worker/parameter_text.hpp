#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <dibs/parameter.hpp>

namespace dibs::worker {

/// A value as PostgreSQL reads it; bytes as they are; nothing for NULL.
std::optional<std::string> text_of(const dibs::Parameter& parameter);

/// Bytes as PostgreSQL reads a bytea: \x and two digits for each.
std::string hex(std::string_view raw);

} // namespace dibs::worker
