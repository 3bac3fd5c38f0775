// Written by `dibs generate-from-diff add-bio`, part 2 of 2.
// Tried on a copy of the schema ccee38fe59531563.
#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false);

void migrate(dibs::MigrationContext& ctx) {
    ctx.create_index_concurrently({
        .table = "users",
        .columns = {"created_at"},
        .name = "users_created_at_idx",
        .schema = "public",
    });
}

void rollback(dibs::MigrationContext& ctx) {
    ctx.drop_index_concurrently({.name = "users_created_at_idx", .schema = "public"});
}
