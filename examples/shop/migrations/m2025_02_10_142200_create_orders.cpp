#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        CREATE TABLE orders (
            id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            user_id   bigint, -- NULL: a guest's
            status    text,
            placed_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE order_lines (
            order_id   bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
            product_id bigint NOT NULL REFERENCES products,
            quantity   integer NOT NULL CHECK (quantity > 0),
            PRIMARY KEY (order_id, product_id)
        );
    )sql");
}
