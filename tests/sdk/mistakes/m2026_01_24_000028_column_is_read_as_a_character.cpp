#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    const char letter = ctx.query("SELECT letter FROM letters").one().get<char>("letter");
    ctx.execute("SELECT $1", letter == 'a');
}

// both: dibs: a column cannot be read as this C++ type; read it as a number, bool, string, bytes
