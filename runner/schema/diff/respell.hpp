#pragma once

#include <string>
#include <string_view>

#include "schema/model/model.hpp"

namespace dibs::schema {

/// An expression as PostgreSQL prints it once it has read what it printed: `(ARRAY['a'::character
/// varying])::text[]`, which is what `IN` over a varchar becomes, is `ARRAY[('a'::character varying)::text]`
/// then: the parser moves the cast of an array into its elements.
std::string read_again(std::string_view expression);

/// SQL that PostgreSQL has printed, so that it will print the same again: `= ANY (ARRAY['a'::character
/// varying])` where it printed the above, and puts the cast in again by itself.
std::string as_printed_again(std::string_view sql);

/// Where a check, an index, a default, a policy, a view or a statistics object of both models is the same but
/// for that, `current` gets the text of `wanted`. No server is needed for it: scratch::settle() knows more,
/// and needs one.
void respell(Model& current, const Model& wanted);

/// Whether such texts are left that differ in casts, quotes, parentheses, blanks and the names of a query's
/// columns alone: PostgreSQL may print both alike when it has read them again.
bool may_read_alike(const Model& current, const Model& wanted);

} // namespace dibs::schema
