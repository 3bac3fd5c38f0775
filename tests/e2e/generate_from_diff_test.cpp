#include <algorithm>
#include <filesystem>

#include "support/sql_project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Database;
using dibs::tests::Ran;
using dibs::tests::SqlProject;
namespace fs = std::filesystem;

namespace {

constexpr const char* users = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);";

} // namespace

TEST_CASE("generate-from-diff writes what makes a database what it shall be, and then nothing differs") {
    SqlProject project;
    project.wants(users);
    const Ran first = project.diff();
    CHECK(first.code == 3);
    CHECK(first.out.starts_with("+ table public.users\n"));
    const std::string created = project.step("create-users");
    CHECK(contains(
        created, "// Written by `dibs generate-from-diff create-users`.\n// Tried on a copy of the schema "));
    CHECK(contains(created, "    ctx.execute(R\"sql(\n        CREATE TABLE public.users (\n"));
    CHECK(contains(created, "DIBS_MIGRATION();"));
    CHECK(project.psql("SELECT count(*) FROM users") == "0");

    const Ran nothing = project.generate("nothing");
    CHECK(nothing.code == 0);
    CHECK(contains(nothing.out, "no migration is needed"));
    CHECK(project.sources() == 1);
}

TEST_CASE("what would keep others waiting on a table that is there is written so that it does not") {
    SqlProject project;
    project.wants(std::string(users) +
                  "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE orders (id int, user_id "
                  "bigint, state mood, note varchar(20)); CREATE INDEX by_note ON orders (note);");
    project.step("begin");
    project.psql("INSERT INTO users SELECT i, 'u' || i FROM generate_series(1, 100) i; INSERT INTO orders "
                 "SELECT i, i, "
                 "'ok', 'n' FROM generate_series(1, 100) i");
    project.wants(std::string(users) +
                  "CREATE TYPE mood AS ENUM ('sad', 'fine', 'ok'); CREATE TABLE orders (id int NOT NULL, "
                  "user_id bigint "
                  "NOT NULL REFERENCES users ON DELETE CASCADE, state mood DEFAULT 'fine', note varchar(20), "
                  "PRIMARY KEY (id), UNIQUE (user_id, note), CHECK (note IN ('n', 'm'))); CREATE INDEX "
                  "by_note ON orders "
                  "(lower(note) DESC, id) INCLUDE (state) WHERE note <> 'a,b'; CREATE INDEX \"By Brin\" ON "
                  "orders USING "
                  "brin (id) WITH (pages_per_range = 8); CREATE UNIQUE INDEX one ON orders (id, note) NULLS "
                  "NOT DISTINCT;");
    const std::string written = project.step("tighten");
    INFO(written);
    CHECK(contains(written, "ALTER TYPE public.mood ADD VALUE 'fine' BEFORE 'ok'"));
    CHECK(contains(written, "CHECK (user_id IS NOT NULL) NOT VALID"));
    CHECK(contains(written, "ALTER COLUMN user_id SET NOT NULL"));
    CHECK(contains(written, "REFERENCES public.users(id) ON DELETE CASCADE NOT VALID"));
    CHECK(contains(written,
                   "ctx.step(\"ALTER TABLE public.orders VALIDATE CONSTRAINT orders_user_id_fkey\", [&] {"));
    CHECK(contains(written, "PRIMARY KEY USING INDEX orders_pkey"));
    CHECK(contains(written, "UNIQUE USING INDEX orders_user_id_note_key"));
    CHECK(contains(written, "ALTER INDEX public.by_note RENAME TO by_note__old"));
    CHECK(
        contains(written, "ctx.drop_index_concurrently({.name = \"by_note__old\", .schema = \"public\"});"));
    CHECK_FALSE(contains(written, "CREATE INDEX"));
    CHECK_FALSE(contains(written, "CREATE UNIQUE INDEX"));
    CHECK(project.psql("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0");
    CHECK(project.psql("SELECT count(*) FROM pg_constraint WHERE NOT convalidated") == "0");
    CHECK(project.psql("SELECT count(*) FROM orders") == "100");

    project.wants(std::string(users) +
                  "CREATE TYPE mood AS ENUM ('sad', 'fine', 'ok'); CREATE TABLE orders (id int NOT "
                  "NULL, user_id bigint NOT NULL, state mood, note varchar(20));");
    CHECK(contains(project.step("loosen"),
                   "ctx.drop_index_concurrently({.name = \"By Brin\", .schema = \"public\"});"));
}

TEST_CASE("the way back is written where it loses nothing, and works") {
    SqlProject project;
    project.wants(users);
    CHECK_FALSE(contains(project.step("create-users"), "rollback")); // its rows would be lost
    project.wants("CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL DEFAULT 'none'); CREATE "
                  "VIEW emails AS "
                  "SELECT email FROM users; COMMENT ON TABLE users IS 'people';");
    CHECK(contains(project.step("more"), "void rollback(dibs::MigrationContext& ctx) {"));
    const Ran ran = project.project().dibs({"rollback"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    project.wants(users);
    CHECK(project.diff().code == 0);
    CHECK(project.psql("SELECT to_regclass('emails') IS NULL") == "t");
}

TEST_CASE("NOT NULL has a way back, which needs no row read, and can be gone again") {
    SqlProject project;
    project.wants("CREATE TABLE t (a int)");
    project.step("begin");
    project.psql("INSERT INTO t VALUES (1)");
    project.wants("CREATE TABLE t (a int NOT NULL)");
    project.step("require");
    const Ran back = project.project().dibs({"rollback", "3"});
    INFO(back.out << back.err);
    CHECK(back.code == 0);
    CHECK(project.psql("SELECT attnotnull FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = "
                       "'a'") == "f");
    CHECK(project.psql("SELECT count(*) FROM pg_constraint WHERE conrelid = 't'::regclass") == "0");
    CHECK(project.project().dibs({"migrate"}).code == 0);
    CHECK(project.diff().code == 0);
}

TEST_CASE("a column that becomes an identity counts on from the rows that are there") {
    SqlProject project;
    project.wants("CREATE TABLE up (id bigserial PRIMARY KEY, a int); CREATE TABLE down (id int PRIMARY "
                  "KEY, a int); CREATE TABLE none (id int PRIMARY KEY, a int)");
    project.step("begin");
    project.psql("INSERT INTO up (a) VALUES (1), (2); INSERT INTO down VALUES (-7, 1)");
    project.wants("CREATE TABLE up (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int); CREATE TABLE "
                  "down (id int GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY -1) PRIMARY KEY, a int); "
                  "CREATE TABLE none (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int)");
    project.step("identities");
    CHECK(project.psql("WITH i AS (INSERT INTO up (a) VALUES (3) RETURNING id) TABLE i") == "3");
    CHECK(project.psql("WITH i AS (INSERT INTO down (a) VALUES (3) RETURNING id) TABLE i") == "-8");
    CHECK(project.psql("WITH i AS (INSERT INTO none (a) VALUES (3) RETURNING id) TABLE i") == "1");
}

TEST_CASE("what would destroy data is refused, by name, until it is allowed") {
    SqlProject project;
    project.wants(std::string(users) + "CREATE TABLE old (a int);");
    project.step("begin");
    project.wants("CREATE TABLE users (id bigint PRIMARY KEY);");
    const Ran refused = project.generate("shrink");
    CHECK(refused.code == 1);
    CHECK(contains(refused.err, "this would destroy data:\n"));
    CHECK(contains(refused.err, "  table public.old: all rows\n"));
    CHECK(contains(refused.err, "  column public.users.email: all values\n"));
    CHECK(contains(refused.err, "Nothing was written."));
    const Ran half = project.generate("shrink", {"--allow-data-loss=tables"});
    CHECK(half.code == 1);
    CHECK_FALSE(contains(half.err, "public.old"));
    CHECK(project.sources() == 1);
    CHECK(contains(project.step("shrink", {"--allow-data-loss"}), "// DATA LOSS: all rows of public.old\n"));
}

TEST_CASE("to allow that columns go does not allow that others are rounded") {
    SqlProject project;
    project.wants("CREATE TABLE t (id int PRIMARY KEY, price numeric(10,2), note text, day timestamp);");
    project.step("begin");
    project.wants("CREATE TABLE t (id int PRIMARY KEY, price integer, day date);");
    const Ran columns = project.generate("shrink", {"--allow-data-loss=columns"});
    CHECK(columns.code == 1);
    CHECK(contains(columns.err, "  column public.t.price: fractions are rounded to whole numbers\n"));
    CHECK(contains(columns.err, "  column public.t.day: times of day are cut off\n"));
    CHECK_FALSE(contains(columns.err, "note"));
    CHECK(contains(columns.err, "If that is meant: --allow-data-loss=columns,values."));
    CHECK_FALSE(contains(columns.err, "renamed_from"));
    const Ran values = project.generate("shrink", {"--allow-data-loss=values"});
    CHECK(values.code == 1);
    CHECK(contains(values.err, "  column public.t.note: all values\n"));
    CHECK_FALSE(contains(values.err, "price"));
    const Ran misspelt = project.generate("shrink", {"--allow-data-loss=columns,value"});
    CHECK(misspelt.code == 2);
    CHECK(contains(misspelt.err, "not 'value'"));
    CHECK(project.sources() == 1);
    project.step("shrink", {"--allow-data-loss=values,columns"});
}

TEST_CASE(
    "rows that NOT NULL will fail on are told when it is generated, and may be filled in what is written") {
    SqlProject project;
    project.wants("CREATE TABLE users (id bigint PRIMARY KEY, email text);");
    project.step("begin");
    project.psql("INSERT INTO users VALUES (1, NULL), (2, 'b')");
    project.wants(users);
    const Ran warned = project.generate("require-email");
    CHECK(warned.code == 0);
    CHECK(contains(warned.err,
                   "warning: column public.users.email: `dibs migrate` will fail here: rows have no "
                   "value; fill them first: UPDATE public.users SET email = ... WHERE email IS NULL"));
    const std::size_t at = warned.err.find("Work that into migrations/");
    REQUIRE(at != std::string::npos);
    const std::string file = warned.err.substr(at + 15, warned.err.find(".cpp", at) + 4 - at - 15);
    std::string source = project.project().read(file);
    const std::string begins = "dibs::MigrationContext& ctx) {\n";
    REQUIRE(contains(source, begins));
    source.insert(source.find(begins) + begins.size(),
                  "    ctx.execute(\"UPDATE users SET email = 'none' WHERE email IS NULL\");\n");
    project.project().write(file, source);
    project.apply();
    CHECK(project.psql("SELECT email FROM users WHERE id = 1") == "none");

    project.wants("CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, note text);");
    CHECK(project.generate("no-warning").err.empty());
}

TEST_CASE("nothing is generated while a migration is pending") {
    SqlProject project;
    project.wants(users);
    REQUIRE(project.generate("create-users").code == 0);
    const Ran again = project.generate("create-users");
    CHECK(again.code == 3);
    CHECK(contains(again.err, "a migration is pending"));
    CHECK(project.sources() == 1);
}

TEST_CASE(
    "what nothing declares stays: functions, views, privileges, row security, other schemas, partitions") {
    SqlProject project;
    project.wants(users);
    project.step("begin");
    project.psql(
        "CREATE SCHEMA theirs; CREATE TABLE theirs.t (a int); CREATE FUNCTION f(int) RETURNS int LANGUAGE "
        "sql AS "
        "'SELECT $1'; CREATE VIEW emails AS SELECT email FROM users; GRANT SELECT ON users TO PUBLIC; "
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON users USING (true); ALTER TABLE "
        "users SET "
        "(fillfactor = 70); CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int); "
        "CREATE SEQUENCE numbers");
    const Ran same = project.diff({"--verbose"});
    INFO(same.out << same.err);
    CHECK(same.code == 0);
    CHECK(contains(same.out + same.err, "  view public.emails"));
    CHECK(contains(same.out + same.err, "  function public.f(integer)"));
    // A view is in the way of another type, and is there again afterwards.
    project.wants("CREATE TABLE users (id bigint PRIMARY KEY, email varchar(200) NOT NULL);");
    project.step("retype");
    CHECK(project.psql("SELECT pg_get_viewdef('emails'::regclass) LIKE '%email%'") == "t");
    CHECK(project.psql("SELECT relrowsecurity, reloptions FROM pg_class WHERE relname = 'users'") ==
          "t|{fillfactor=70}");
    // One that uses what is to go is an error, not a dropped view.
    project.wants("CREATE TABLE users (id bigint PRIMARY KEY);");
    const Ran refused = project.generate("shrink", {"--allow-data-loss"});
    CHECK(refused.code == 1);
    CHECK(contains(refused.err, "emails"));
    CHECK(project.psql("SELECT to_regclass('emails')") == "emails");
}

TEST_CASE("privileges that nothing declares stay on the schema public, on functions and on types") {
    SqlProject project;
    const std::string role = "app_of_" + project.project().database().name();
    project.psql("CREATE ROLE " + role + "; GRANT USAGE, CREATE ON SCHEMA public TO " + role +
                 "; COMMENT ON SCHEMA public IS 'ours'; CREATE TYPE mood AS ENUM ('ok'); REVOKE USAGE ON "
                 "TYPE mood FROM PUBLIC; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; GRANT "
                 "EXECUTE ON FUNCTION f() TO " +
                 role);
    project.wants("CREATE TYPE mood AS ENUM ('ok'); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS "
                  "'SELECT 1'");
    const Ran same = project.diff();
    INFO(same.out << same.err);
    CHECK(same.code == 0);
    project.wants("CREATE TYPE mood AS ENUM ('ok'); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS "
                  "'SELECT 1'; REVOKE USAGE ON SCHEMA public FROM PUBLIC");
    CHECK(contains(project.diff().out, "revoke USAGE from PUBLIC"));
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("what default privileges give stays where none are declared, and is taken away where others are") {
    SqlProject project;
    const std::string role = "app_of_" + project.project().database().name();
    project.psql("CREATE ROLE " + role +
                 "; ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT ALL ON TABLES TO " + role);
    const auto may = [&](const std::string& table, const std::string& privilege) {
        return project.psql("SELECT has_table_privilege('" + role + "', '" + table + "', '" + privilege +
                            "')");
    };
    const std::string wanted =
        "CREATE TABLE open (a int); CREATE TABLE read_only (a int); GRANT SELECT ON read_only TO " + role;
    project.wants(wanted);
    const std::string created = project.step("create");
    CHECK(contains(created,
                   "REVOKE DELETE, INSERT, REFERENCES, TRIGGER, TRUNCATE, UPDATE ON TABLE public.read_only"));
    CHECK_FALSE(contains(created, "ON TABLE public.open"));
    CHECK(may("open", "INSERT") == "t");
    CHECK(may("read_only", "SELECT") == "t");
    CHECK(may("read_only", "INSERT") == "f");

    // The way back of what goes is what it was.
    project.psql("CREATE VIEW closed AS SELECT 1 AS a, 2 AS b; REVOKE ALL ON closed FROM " + role);
    project.wants(wanted + "; CREATE VIEW closed AS SELECT 1 AS b");
    project.step("narrow");
    CHECK(may("closed", "SELECT") == "f");
    CHECK(project.project().dibs({"rollback"}).code == 0);
    CHECK(project.psql("SELECT * FROM closed") == "1|2");
    CHECK(may("closed", "SELECT") == "f");
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
}

TEST_CASE("a schema that was restored from a dump is the one that was declared") {
    SqlProject project;
    // Printed, read and printed again, this check reads otherwise.
    project.wants("CREATE TABLE t (s varchar(10) CHECK (s IN ('x', 'y'))); CREATE INDEX i ON t (s) WHERE s "
                  "IN ('x', 'y');");
    project.psql(
        "CREATE TABLE t (s varchar(10) CHECK ((s)::text = ANY (ARRAY[('x'::varchar)::text, "
        "('y'::varchar)::text]))); "
        "CREATE INDEX i ON t (s) WHERE (s)::text = ANY (ARRAY[('x'::varchar)::text, ('y'::varchar)::text])");
    const Ran ran = project.diff();
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
}

TEST_CASE("mistakes in a schema's file are said with their line, and nothing is written") {
    SqlProject project;
    project.wants("CREATE TABLE a (i int);\nCREATE TABLE b (\n  i intt\n);\n");
    const Ran type = project.generate("x");
    CHECK(type.code == 1);
    CHECK(contains(type.err, "schema.sql:3: PostgreSQL refuses it: type \"intt\" does not exist"));
    project.wants("CREATE EXTENSION no_such_extension;");
    CHECK(contains(project.diff().err, "no_such_extension"));
    const Ran missing = project.project().dibs({"diff", "--schema-file", "nowhere.sql"});
    CHECK(missing.code == 2);
    CHECK(contains(missing.err, "cannot read nowhere.sql"));
    CHECK(project.project().dibs({"diff", "--schema-file", "schema.sql", "--to", "x"}).code == 2);
    CHECK(project.generate("Kein Name!").code == 2);
    CHECK(project.sources() == 0);
}

TEST_CASE("a required column without a default is said to fail where there are rows, with what to do") {
    SqlProject project;
    project.wants("CREATE TABLE t (a int);");
    project.step("begin");
    project.wants("CREATE TABLE t (a int, b int NOT NULL);");
    const Ran ran = project.diff();
    CHECK(contains(ran.out, "! may fail: fails when there are rows"));
    CHECK(contains(ran.out, "give it a default, or add it nullable, fill it, and set NOT NULL then"));
}

TEST_CASE("a role that may only read is enough for diff, roles that a schema names need not be on the "
          "scratch server, "
          "and nothing stays there") {
    SqlProject project;
    const std::string role = "reader_of_" + project.project().database().name();
    project.psql("CREATE TABLE t (a int); CREATE ROLE " + role + " LOGIN; GRANT SELECT ON t TO " + role);
    project.wants("CREATE TABLE t (a int); GRANT SELECT ON t TO " + role + ", not_there_yet_" + role);
    const Ran ran = project.project().dibs({"diff", "--schema-file", "schema.sql", "--from",
                                            project.project().database().conninfo() + " user=" + role});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "not_there_yet_"));
    CHECK(project.psql("SELECT count(*) FROM pg_roles WHERE rolname LIKE 'not_there_yet_" + role + "%'") ==
          "0");
    project.psql("DROP OWNED BY " + role + "; DROP ROLE " + role);
    CHECK(project.psql(
              "SELECT count(*) FROM pg_database d WHERE datname LIKE 'dibs_scratch_%' AND NOT EXISTS (SELECT "
              "FROM pg_stat_activity WHERE pid = split_part(d.datname, '_', 3)::int)") == "0");
}

TEST_CASE("what generate-from-diff --json says is one document") {
    SqlProject project;
    project.wants(users);
    const Ran ran = project.generate("create-users", {"--json"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "\"migrations\": [\n    {\n      \"path\": \"migrations/m"));
    CHECK(contains(ran.out, "\"schema\": \""));
}
