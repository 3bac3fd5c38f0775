#include <dibs/migration.hpp>

#include <string>

DIBS_MIGRATION(.description = "orders of users that were deleted become guests' orders");

void migrate(dibs::MigrationContext& ctx) {
    const auto orphans = ctx.execute(R"sql(
        UPDATE orders SET user_id = NULL
        WHERE user_id IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE users.id = orders.user_id)
    )sql");
    ctx.log("orders whose user is gone: " + std::to_string(orphans));
    ctx.execute("ALTER TABLE orders VALIDATE CONSTRAINT orders_user_id_fkey");
}
