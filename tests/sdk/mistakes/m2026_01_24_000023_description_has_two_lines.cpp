#include <dibs/migration.hpp>

DIBS_MIGRATION(.description = "first\nsecond");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 1");
}

// both: a_description_is_one_line_without_control_characters
