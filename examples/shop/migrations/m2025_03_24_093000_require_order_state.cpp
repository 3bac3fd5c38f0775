#include <dibs/migration.hpp>

DIBS_MIGRATION(.description = "the last step to orders.state NOT NULL");

void migrate(dibs::MigrationContext& ctx) {
    // Reads the whole table, under a lock that lets others read and write it.
    ctx.execute("ALTER TABLE orders VALIDATE CONSTRAINT orders_state_not_null");
    // Needs a strong lock, but for a moment: PostgreSQL (from 12 on) sees that the check proves it already.
    ctx.execute("ALTER TABLE orders ALTER COLUMN state SET NOT NULL");
    ctx.execute("ALTER TABLE orders DROP CONSTRAINT orders_state_not_null");
}
