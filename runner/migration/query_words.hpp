#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dibs::migration {

/// Behind the comment that `sql` begins with, between /* and */, which may hold others; its end where it is
/// open.
std::size_t end_of_comment(std::string_view sql);

/// The word that SQL begins with, in upper case, behind comments and opening brackets; empty when there is
/// none.
std::string first_word(std::string_view sql);

/// Whether this is what a cursor can be declared for ("DECLARE").
bool is_query(std::string_view sql);

/// Whether PostgreSQL can say how it would do this, without doing it ("EXPLAIN").
bool can_be_explained(std::string_view sql);

} // namespace dibs::migration
