// Written by `dibs generate-from-diff add-bio`, part 1 of 2.
// Tried on a copy of the schema ccee38fe59531563.
#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("ALTER TABLE public.users ADD COLUMN bio text");
}
