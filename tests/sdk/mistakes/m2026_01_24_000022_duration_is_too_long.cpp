#include <dibs/migration.hpp>

DIBS_MIGRATION(.lock_timeout = "600h");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

// both: a_duration_is_at_most_24_days
