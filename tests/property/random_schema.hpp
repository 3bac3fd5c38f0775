#pragma once

#include <string>

#include "property/dice.hpp"

namespace dibs::tests {

/// The SQL that makes a random schema in an empty database: it can always be carried out. Tables with columns
/// of many types, keys, checks, indexes, foreign keys in circles; enums, domains, sequences, views, triggers,
/// comments; under names that need quotes.
std::string random_schema(const Side& side);

} // namespace dibs::tests
