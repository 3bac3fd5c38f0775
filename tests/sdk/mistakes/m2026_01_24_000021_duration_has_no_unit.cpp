#include <dibs/migration.hpp>

DIBS_MIGRATION(.lock_timeout = "5");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

// both: a_duration_is_a_whole_number_and_ms_s_min_or_h_as_in_500ms_or_5s
