#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("INSERT INTO letters VALUES ($1)", 'a');
}

// both: dibs: a character is no SQL value; pass a string or a number
