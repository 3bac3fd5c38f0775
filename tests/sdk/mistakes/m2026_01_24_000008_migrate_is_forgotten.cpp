#include <dibs/migration.hpp>

DIBS_MIGRATION();

// both: undefined reference to `migrate'
