#include <string>
#include <vector>

#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.copy_in("points", {"x", "y"}, std::vector<std::string>{"1,2"});
}

// both: dibs: a row of copy_in() is a std::tuple (or a std::pair, an array, a container) of as many values
