#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false);

void migrate(dibs::MigrationContext& ctx) {
    ctx.create_index_concurrently({.table = "users", .columns = {"email"}});
}

// g++: dibs::abi_v1::ConcurrentIndex&
// clang++: in implicit initialization of field 'name' with omitted initializer
