#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

namespace {

void rollback(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

} // namespace

// g++: 'void {anonymous}::rollback(dibs::abi_v1::MigrationContext&)' defined but not used
// clang++: unused function 'rollback'
