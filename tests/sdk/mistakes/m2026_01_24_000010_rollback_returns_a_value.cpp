#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

bool rollback(dibs::MigrationContext& ctx) {
    return ctx.execute("SELECT 1") > 0;
}

// g++: ambiguating new declaration of 'bool rollback(dibs::abi_v1::MigrationContext&)'
// clang++: functions that differ only in their return type cannot be overloaded
