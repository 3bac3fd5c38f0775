#include <tuple>
#include <vector>

#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.copy_in("points", {"x", "y"}, std::vector<std::tuple<int, int, int>>{{1, 2, 3}});
}

// both: dibs: a row of copy_in() has as many values as there are columns
