#include <dibs/migration.hpp>

DIBS_MIGRATION();

struct Point {
    int x;
    int y;
};

void migrate(dibs::MigrationContext& ctx) {
    const Point point = ctx.query("SELECT point FROM points").one().get<Point>("point");
    ctx.execute("SELECT $1", point.x);
}

// both: dibs: a column cannot be read as this C++ type; read it as a number, bool, string, bytes
