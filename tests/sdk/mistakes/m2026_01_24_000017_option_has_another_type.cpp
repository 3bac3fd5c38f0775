#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = "no");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

// g++: narrowing conversion of '(const char*)"no"' from 'const char*' to 'bool'
// clang++: cannot be narrowed to 'bool'
