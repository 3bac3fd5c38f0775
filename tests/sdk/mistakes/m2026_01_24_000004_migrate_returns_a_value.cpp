#include <dibs/migration.hpp>

DIBS_MIGRATION();

int migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
    return 0;
}

// g++: ambiguating new declaration of 'int migrate(dibs::abi_v1::MigrationContext&)'
// clang++: functions that differ only in their return type cannot be overloaded
