#include <dibs/migration.hpp>

DIBS_MIGRATION();

// Lines without a price are a row of their own, whose currency and total are NULL.
void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        CREATE VIEW order_totals AS
        SELECT orders.id AS order_id, users.email, orders.state, line.currency,
               (sum(line.quantity * line.unit_price_cents) / 100)::numeric(14, 2) AS total
        FROM orders
        JOIN order_lines AS line ON line.order_id = orders.id
        LEFT JOIN users ON users.id = orders.user_id
        GROUP BY orders.id, users.email, line.currency
    )sql");
}
