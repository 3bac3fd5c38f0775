#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate() {}

// g++: no previous declaration for 'void migrate(
// clang++: no previous prototype for function 'migrate'
