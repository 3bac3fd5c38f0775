#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false);

// The shop reads and writes its orders meanwhile. Run again after a failure, it drops what that has left, and
// an index that is there already is what was wanted.
void migrate(dibs::MigrationContext& ctx) {
    ctx.create_index_concurrently({.table = "orders", .columns = {"user_id"}, .name = "orders_user_id_idx"});
}
