#include <dibs/migration.hpp>

#include <cstdint>

DIBS_MIGRATION(.transaction = false,
               .description = "old order lines get the price of today, the only one that we know");

constexpr const char* update_batch = R"sql(
    WITH batch AS (
        SELECT order_id, product_id FROM order_lines
        WHERE (order_id, product_id) > ($1, $2)
        ORDER BY order_id, product_id LIMIT 5000
    ), done AS (
        UPDATE order_lines AS line
        SET unit_price_cents = product.price_cents, currency = product.currency
        FROM batch JOIN products AS product ON product.id = batch.product_id
        WHERE (line.order_id, line.product_id) = (batch.order_id, batch.product_id)
            AND line.unit_price_cents IS NULL
    )
    SELECT order_id, product_id FROM batch ORDER BY order_id DESC, product_id DESC LIMIT 1
)sql";

// In batches that commit one by one, as for orders.state. The key has two columns here, compared as a row.
void migrate(dibs::MigrationContext& ctx) {
    std::int64_t order = 0;
    std::int64_t product = 0;
    for (;;) {
        const dibs::Rows last = ctx.query(update_batch, order, product);
        if (last.empty())
            return;
        order = last[0].get<std::int64_t>("order_id");
        product = last[0].get<std::int64_t>("product_id");
    }
}
