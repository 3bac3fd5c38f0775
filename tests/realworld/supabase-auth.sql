CREATE SCHEMA auth;

-- The superuser of that project's own database.
DO $$
BEGIN
    CREATE ROLE postgres;
EXCEPTION
    WHEN duplicate_object THEN NULL;
END
$$;
