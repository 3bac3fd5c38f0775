#include <dibs/migration.hpp>

DIBS_MIGRATION(.description = "no version of the shop that knows orders.status is running any more");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        DROP TRIGGER orders_set_state ON orders;
        DROP FUNCTION orders_set_state();
        DROP FUNCTION order_state_of(text);
        ALTER TABLE orders DROP COLUMN status, ALTER COLUMN state SET DEFAULT 'new';
    )sql");
}
