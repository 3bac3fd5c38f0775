#include <vector>

#include <dibs/migration.hpp>

DIBS_MIGRATION();

struct Point {
    int x;
    int y;
};

void migrate(dibs::MigrationContext& ctx) {
    ctx.copy_in("points", {"x"}, std::vector<Point>{{1, 2}});
}

// both: dibs: this C++ type cannot be passed to SQL; pass a number, bool, string, bytes
