#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false);

void migrate(dibs::MigrationContext& ctx) {
    ctx.backfill({.table = "users", .set = "bio = ''", .where = "bio IS NULL", .limit = 1000});
}

// g++: const dibs::abi_v1::Backfill&
// clang++: cannot convert initializer list argument to 'const dibs::Backfill'
