#pragma once

#include <string>

#include "database/error.hpp"

struct pg_result; // libpq's

namespace dibs::database {

/// libpq's text without the line's end that it has; empty for a null pointer.
std::string trimmed(const char* text);

Message message_of(const pg_result* result);

} // namespace dibs::database
