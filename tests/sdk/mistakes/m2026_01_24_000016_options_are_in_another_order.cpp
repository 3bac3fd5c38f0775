#include <dibs/migration.hpp>

DIBS_MIGRATION(.lock_timeout = "5s", .transaction = false);

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

// g++: designator order for field 'dibs::abi_v1::Options::transaction' does not match declaration order
// clang++: field designators to be specified in declaration order
