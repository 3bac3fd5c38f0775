#include <dibs/migration.hpp>

DIBS_MIGRATION(.description = "users, and the groups they may be in");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"(
        CREATE TABLE users (
            id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            email      text NOT NULL UNIQUE,
            name       text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE groups (
            id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name text NOT NULL UNIQUE
        );
        CREATE TABLE memberships (
            user_id  bigint NOT NULL REFERENCES users,
            group_id bigint NOT NULL REFERENCES groups,
            PRIMARY KEY (user_id, group_id)
        );
    )");
    ctx.execute("INSERT INTO users (email, name) VALUES ($1, $2), ($3, $4), ($5, $6)", "ada@example.com",
                "Ada Lovelace", "grace@example.com", "Grace Hopper", "alan@example.org", "Alan Turing");
}

void rollback(dibs::MigrationContext& ctx) {
    ctx.execute("DROP TABLE memberships, groups, users");
}
