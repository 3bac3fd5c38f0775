#include <dibs/migration.hpp>

DIBS_MIGRATION();

namespace app {

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

} // namespace app

// g++: no previous declaration for 'void app::migrate(
// clang++: no previous prototype for function 'migrate'
