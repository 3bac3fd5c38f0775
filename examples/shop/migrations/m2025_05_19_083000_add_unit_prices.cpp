#include <dibs/migration.hpp>

DIBS_MIGRATION(.description = "what a product cost when it was ordered");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        ALTER TABLE order_lines ADD COLUMN unit_price_cents bigint, ADD COLUMN currency currency;

        CREATE FUNCTION order_lines_take_price() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            SELECT price_cents, products.currency INTO NEW.unit_price_cents, NEW.currency
            FROM products WHERE id = NEW.product_id;
            RETURN NEW;
        END;
        $$;
        CREATE TRIGGER order_lines_take_price BEFORE INSERT ON order_lines
            FOR EACH ROW WHEN (NEW.unit_price_cents IS NULL) EXECUTE FUNCTION order_lines_take_price();
    )sql");
}
