#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

void rollback(dibs::MigrationContext* ctx) {
    ctx->execute("SELECT 1");
}

// g++: no previous declaration for 'void rollback(
// clang++: no previous prototype for function 'rollback'
