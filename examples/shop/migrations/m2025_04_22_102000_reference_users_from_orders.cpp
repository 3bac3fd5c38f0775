#include <dibs/migration.hpp>

DIBS_MIGRATION(.description = "new orders are of users that exist; the next migration looks at the old ones");

// NOT VALID: the foreign key reads nothing yet, and so does not hold its locks on both tables for long.
void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        ALTER TABLE orders ADD CONSTRAINT orders_user_id_fkey
            FOREIGN KEY (user_id) REFERENCES users ON DELETE SET NULL NOT VALID
    )sql");
}
