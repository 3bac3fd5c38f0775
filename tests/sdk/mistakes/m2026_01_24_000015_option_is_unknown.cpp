#include <dibs/migration.hpp>

DIBS_MIGRATION(.lock_timout = "5s");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

// g++: has no non-static data member named 'lock_timout'
// clang++: did you mean 'lock_timeout'?
