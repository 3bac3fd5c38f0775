#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext* ctx) {
    ctx->execute("SELECT 1");
}

// g++: no previous declaration for 'void migrate(
// clang++: no previous prototype for function 'migrate'
