#include <dibs/migration.hpp>

DIBS_MIGRATION();

enum class Colour { red };

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("INSERT INTO paints VALUES ($1)", Colour::red);
}

// both: dibs: this C++ type cannot be passed to SQL; pass a number, bool, string, bytes
