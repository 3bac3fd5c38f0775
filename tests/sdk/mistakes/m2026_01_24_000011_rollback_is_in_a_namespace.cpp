#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

namespace app {

void rollback(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

} // namespace app

// g++: no previous declaration for 'void app::rollback(
// clang++: no previous prototype for function 'rollback'
