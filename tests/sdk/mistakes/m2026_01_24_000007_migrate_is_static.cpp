#include <dibs/migration.hpp>

DIBS_MIGRATION();

static void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

// g++: was declared 'extern' and later 'static'
// clang++: static declaration of 'migrate' follows non-static declaration
