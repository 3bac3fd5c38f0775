#include <dibs/migration.hpp>

DIBS_MIGRATION();

namespace {

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

} // namespace

// g++: 'void {anonymous}::migrate(dibs::abi_v1::MigrationContext&)' defined but not used
// clang++: unused function 'migrate'
