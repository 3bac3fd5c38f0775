#include <dibs/migration.hpp>

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

// both: undefined reference to `DIBS_MIGRATION_is_missing_from_this_file'
