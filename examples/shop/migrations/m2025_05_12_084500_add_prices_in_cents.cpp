#include <dibs/migration.hpp>

DIBS_MIGRATION(.description = "prices that can be added up");

// The version of the shop that comes with this writes both, the text and the number; the next migration reads
// the texts that are there.
void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        CREATE TYPE currency AS ENUM ('EUR', 'USD', 'GBP');
        ALTER TABLE products
            ADD COLUMN price_cents bigint CHECK (price_cents >= 0),
            ADD COLUMN currency    currency,
            ADD CONSTRAINT products_price_is_whole CHECK ((price_cents IS NULL) = (currency IS NULL));
    )sql");
}
