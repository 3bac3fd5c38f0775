#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

DIBS_MIGRATION();

// g++: redefinition of 'void (* const DIBS_MIGRATION_is_missing_from_this_file)
// clang++: redefinition of 'DIBS_MIGRATION_is_missing_from_this_file'
