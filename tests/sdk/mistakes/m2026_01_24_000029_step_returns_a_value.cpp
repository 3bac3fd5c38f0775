#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false);

void migrate(dibs::MigrationContext& ctx) {
    ctx.step("count", [&] { return ctx.execute("DELETE FROM users"); });
}

// both: dibs: the function of a step returns nothing: where an earlier run has done the step, it is not called
