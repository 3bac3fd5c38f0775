#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false);

void migrate(dibs::MigrationContext& ctx) {
    ctx.backfill({.table = "users", .set = "bio = ''", .where = "bio IS NULL", .batch_time = "200"});
}

// both: a_duration_is_a_whole_number_and_ms_s_min_or_h_as_in_500ms_or_5s
