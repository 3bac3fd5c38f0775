#include <dibs/migration.hpp>

DIBS_MIGRATION(.description = "orders.state, an enum, in the place of the free text in orders.status");

// The version of the shop that writes `status` goes on running, so a trigger writes `state` for it. Nothing
// here reads the table: the locks are strong, and held for a moment.
void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        CREATE TYPE order_state AS ENUM ('new', 'paid', 'shipped', 'cancelled', 'on_hold');

        -- Nobody has touched an order without a status. What we cannot read, a person has to look at.
        CREATE FUNCTION order_state_of(status text) RETURNS order_state LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE lower(trim(coalesce(status, 'new')))
                       WHEN 'new' THEN 'new'
                       WHEN 'paid' THEN 'paid'
                       WHEN 'shipped' THEN 'shipped'
                       WHEN 'cancelled' THEN 'cancelled'
                       WHEN 'canceled' THEN 'cancelled'
                       ELSE 'on_hold'::order_state
                   END;
        $$;
        CREATE FUNCTION orders_set_state() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.state := order_state_of(NEW.status);
            RETURN NEW;
        END;
        $$;

        ALTER TABLE orders ADD COLUMN state order_state;
        CREATE TRIGGER orders_set_state BEFORE INSERT OR UPDATE ON orders
            FOR EACH ROW EXECUTE FUNCTION orders_set_state();

        -- The first step to NOT NULL: binds every row that is written from now on.
        ALTER TABLE orders ADD CONSTRAINT orders_state_not_null CHECK (state IS NOT NULL) NOT VALID;
    )sql");
}
