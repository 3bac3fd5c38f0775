#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "report/sink.hpp"
#include "schema/diff/filter.hpp"
#include "schema/diff/plan.hpp"
#include "schema/model/model.hpp"

namespace dibs::cli {

/// Two schemas and what makes the one the other.
struct Comparison {
    schema::Model current; ///< as after the renames that are declared
    schema::Model wanted;
    schema::Plan plan;             ///< with these renames
    std::vector<schema::Key> kept; ///< what is not declared, and stays
    std::string from;
    std::string to;
};

/// What dibs.yaml says is to be compared (diff: include, exclude).
/// @throws report::Failure, with its place, for what is no pattern
schema::Filter configured_filter(const config::Settings& settings);

/// Sets `plan` from the two models, once `wanted` has what the filter leaves out as `current` has it; warns
/// of patterns that match nothing.
void plan(Comparison& comparison, const schema::Filter& filter, report::Sink& sink);

} // namespace dibs::cli
