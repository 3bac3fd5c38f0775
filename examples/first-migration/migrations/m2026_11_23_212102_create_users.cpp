// Written by `dibs generate-from-diff create-users`.
// Tried on a copy of the schema 1fe2abdded8b18d3.
#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute(R"sql(
        CREATE TABLE public.users (
            id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
            email text NOT NULL,
            name text NOT NULL,
            created_at timestamp with time zone NOT NULL DEFAULT now(),
            CONSTRAINT users_email_key UNIQUE (email),
            CONSTRAINT users_pkey PRIMARY KEY (id)
        )
    )sql");
}
