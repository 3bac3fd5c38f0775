#include <dibs/migration.hpp>

DIBS_MIGRATION();

// With a constant default PostgreSQL (from 11 on) adds the column without touching a row.
void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("ALTER TABLE users ADD COLUMN bio text NOT NULL DEFAULT 'No bio yet'");
}

void rollback(dibs::MigrationContext& ctx) {
    ctx.execute("ALTER TABLE users DROP COLUMN bio");
}
