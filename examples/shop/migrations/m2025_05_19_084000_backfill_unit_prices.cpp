#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false,
               .description = "old order lines get the price of today, the only one that we know");

// In batches, as for orders.state. What a batch does needs a second table, so the whole statement is given;
// the key has two columns, which are compared as a row.
void migrate(dibs::MigrationContext& ctx) {
    ctx.backfill({.table = "order_lines", .sql = R"sql(
        UPDATE order_lines AS line
        SET unit_price_cents = product.price_cents, currency = product.currency
        FROM products AS product
        WHERE (line.order_id, line.product_id) BETWEEN {first} AND {last}
            AND product.id = line.product_id AND line.unit_price_cents IS NULL
    )sql"});
}
