#pragma once

#include "database/connection.hpp"
#include "schema/model/model.hpp"

namespace dibs::scratch {

/// What PostgreSQL prints of an expression is not always what it prints of that in turn: a check on a varchar
/// that was restored from a dump reads otherwise than the one that was dumped. Where a check, an index, a
/// default or a view differs in its text, both texts are put through PostgreSQL once more; where they are
/// equal then, `current` gets the text of `wanted`.
/// @param connection to a database with the schema `wanted`; nothing stays of what is done there
void settle(database::Connection& connection, schema::Model& current, const schema::Model& wanted);

} // namespace dibs::scratch
