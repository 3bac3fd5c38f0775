#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        CREATE TABLE users (
            id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            email      text NOT NULL UNIQUE,
            name       text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE products (
            id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            sku   text NOT NULL UNIQUE,
            title text NOT NULL,
            price text -- as the staff types it
        );
    )sql");
}
