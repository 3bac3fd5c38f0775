#include <dibs/migration.hpp>

DIBS_MIGRATION(.lock_timeout = "5s", .description = "a seed");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}
