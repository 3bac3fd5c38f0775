#include <dibs/migration.hpp>

#include <string>

DIBS_MIGRATION(.transaction = false, .description = "orders.state of the orders that are older than it");

// In batches that commit one by one, so that no order stays locked for long. After a failure it goes on where
// it was.
void migrate(dibs::MigrationContext& ctx) {
    const auto orders =
        ctx.backfill({.table = "orders", .set = "state = order_state_of(status)", .where = "state IS NULL"});
    ctx.log("orders that had no state: " + std::to_string(orders));
}
