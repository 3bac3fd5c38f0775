#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(const dibs::MigrationContext& ctx) {
    static_cast<void>(ctx.server_version());
}

// g++: no previous declaration for 'void migrate(
// clang++: no previous prototype for function 'migrate'
