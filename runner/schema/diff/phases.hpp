#pragma once

#include <vector>

#include "schema/diff/plan.hpp"

namespace dibs::schema {

/// What one migration does of a plan.
struct Phase {
    bool transaction = true;
    std::vector<Piece> pieces;
};

enum class Ordering {
    fewest,   ///< what does not need each other may change places, so that there are fewer phases
    as_listed ///< the plan's own
};

/// A plan as it is carried out while others use the database: one phase after the other.
std::vector<Phase> phases(const Plan& plan, Ordering ordering);

} // namespace dibs::schema
