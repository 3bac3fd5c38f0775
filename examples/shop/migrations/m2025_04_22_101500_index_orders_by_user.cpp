#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false);

// Two calls, because several statements in one are one transaction. A build that was interrupted leaves an
// index that is not valid: away with it, so that this can begin again.
void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("DROP INDEX CONCURRENTLY IF EXISTS orders_user_id_idx");
    ctx.execute("CREATE INDEX CONCURRENTLY orders_user_id_idx ON orders (user_id)");
}
