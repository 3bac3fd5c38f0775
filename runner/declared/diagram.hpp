#pragma once

#include <string>

#include "declared/model.hpp"

namespace dibs::declared {

/// An entity-relationship diagram as Mermaid reads it (erDiagram).
std::string mermaid(const Schema& schema);

/// The same for Graphviz.
std::string dot(const Schema& schema);

} // namespace dibs::declared
