#include "schema/read/reader.hpp"

#include <algorithm>
#include <thread>

#include "report/failure.hpp"
#include "schema/diff/canonical.hpp"
#include "schema/diff/plan.hpp"
#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"
#include "scratch/copy.hpp"
#include "support/server.hpp"

using dibs::database::Connection;
using dibs::report::Failure;
using dibs::tests::Database;
using dibs::tests::server;
using namespace dibs::schema;

namespace {

const Table* table(const Model& model, const std::string& name) {
    for (const Table& each : model.tables)
        if (each.key.name == name)
            return &each;
    return nullptr;
}

Model read_from(const Database& database, const ReadOptions& options = {}) {
    Connection connection(database.conninfo(), "test");
    return read(connection, options);
}

/// Two databases, the second with what these statements change.
Plan difference(const std::string& both, const std::string& more) {
    const Database from;
    const Database to;
    from.psql(both);
    to.psql(both + ";" + more);
    return plan(read_from(from), read_from(to));
}

} // namespace

TEST_CASE("The schema is read in as many round trips however many tables there are") {
    const Database database;
    Connection connection(database.conninfo(), "test");
    // Other tests commit on this server at the same time, and each such commit makes dibs look again.
    const auto fewest = [&](std::size_t tables) {
        std::size_t least = 100;
        for (int i = 0; i < 100 && least > 2; ++i) {
            const std::size_t before = connection.round_trips();
            CHECK(read(connection, {}).tables.size() == tables);
            least = std::min(least, connection.round_trips() - before);
        }
        return least;
    };
    CHECK(fewest(0) == 2);
    database.psql(
        "DO $$BEGIN FOR i IN 1..50 LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, n text)', i); "
        "END LOOP; END$$");
    CHECK(fewest(50) == 2);
}

TEST_CASE("Members of extensions, temporary tables and excluded names are not in the model") {
    const Database database;
    Connection connection(database.conninfo(), "test");
    (void)connection
        .script("CREATE EXTENSION hstore; CREATE TEMPORARY TABLE t (a int); CREATE TABLE _meta_rows (id "
                "serial PRIMARY "
                "KEY); CREATE INDEX i ON _meta_rows (id); CREATE TABLE history (id serial); CREATE TABLE "
                "kept (h hstore)")
        .or_throw();
    const Model model = read(connection, {.excluded_names = {"history"}, .excluded_prefixes = {"_meta_"}});
    REQUIRE(model.tables.size() == 1);
    CHECK(model.tables.front().key.name == "kept");
    CHECK(model.sequences.empty());
    CHECK(model.indexes.empty());
    CHECK(model.constraints.empty());
    CHECK(model.functions.empty());
    CHECK(model.left_alone.empty());
    const Key column{Kind::column, "public", "kept", "h"};
    const Key hstore{Kind::extension, "", "hstore", ""};
    CHECK(std::find(model.dependencies.begin(), model.dependencies.end(), Dependency{column, hstore}) !=
          model.dependencies.end());
}

TEST_CASE("A role that may only connect reads the schema, and reading writes nothing") {
    const Database database;
    const std::string role = database.name() + "_reader";
    database.psql("CREATE SCHEMA hidden; CREATE TABLE hidden.t (id serial PRIMARY KEY, e text DEFAULT 'x' "
                  "CHECK (e <> '')); "
                  "CREATE VIEW hidden.v AS SELECT id FROM hidden.t; "
                  "CREATE FUNCTION hidden.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE ROLE " +
                  role + " LOGIN");
    const Model as_owner = read_from(database);
    {
        // What writes is an error in this session.
        Connection connection(
            database.conninfo() + " user=" + role + " options='-c default_transaction_read_only=on'", "test");
        const Model as_reader = read(connection, {});
        CHECK(plan(as_owner, as_reader).empty());
        REQUIRE(as_reader.views.size() == 1);
        CHECK(as_reader.views.front().definition.find("hidden.t") != std::string::npos);
    }
    database.psql("DROP ROLE " + role);
}

TEST_CASE("Reading waits no longer than the lock timeout for a table that another session has locked, and "
          "names it") {
    const Database database;
    database.psql("CREATE TABLE busy (id int); CREATE VIEW over_busy AS SELECT id FROM busy");
    Connection other(database.conninfo(), "someone-else");
    (void)other.script("BEGIN; LOCK TABLE busy IN ACCESS EXCLUSIVE MODE").or_throw();
    const auto begin = std::chrono::steady_clock::now();
    try {
        (void)read_from(database, {.lock_timeout = std::chrono::milliseconds(100)});
        FAIL("the view was read although its table is locked");
    } catch (const Failure& failure) {
        const std::string text = failure.what();
        CHECK(text.find("busy") != std::string::npos);
        CHECK(text.find("someone-else") != std::string::npos);
        CHECK(text.find(std::to_string(other.backend_pid())) != std::string::npos);
    }
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
    (void)other.script("ROLLBACK").or_throw();
    CHECK(read_from(database).views.size() == 1);
}

TEST_CASE("A model is of one moment although the schema changes while it is read") {
    const Database database;
    database.psql("CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t");
    std::jthread writer([&](const std::stop_token& stop) { // ends also when a check throws
        Connection connection(database.conninfo(), "writer");
        connection.on_notice([](const dibs::database::Message&) {});
        while (!stop.stop_requested()) {
            // In one transaction: who sees the column without the view, or the other way round, has seen two
            // moments. The ROLLBACK is for one that was a deadlock's victim.
            (void)connection.script("ROLLBACK");
            (void)connection.script(
                "BEGIN; ALTER TABLE t ADD COLUMN b int; CREATE OR REPLACE VIEW v AS SELECT a, b FROM t; "
                "COMMIT");
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            (void)connection.script("ROLLBACK");
            (void)connection.script(
                "BEGIN; DROP VIEW v; ALTER TABLE t DROP COLUMN b; CREATE VIEW v AS SELECT a FROM t; COMMIT");
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    });
    Connection connection(database.conninfo(), "test");
    int with = 0;
    int without = 0;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while ((with < 3 || without < 3) && std::chrono::steady_clock::now() < deadline) {
        try {
            const Model model = read(connection, {});
            const bool in_table = table(model, "t")->column("b") != nullptr;
            const bool in_view = model.views.at(0).definition.find("t.b") != std::string::npos;
            CHECK(in_table == in_view);
            CHECK((model.views.at(0).columns.size() == 2) == in_view);
            ++(in_table ? with : without);
        } catch (const Failure& failure) { // it never stood still
            CHECK(std::string(failure.what()).find("changed each of the") != std::string::npos);
        }
    }
    writer.request_stop();
    CHECK(with >= 3);
    CHECK(without >= 3);
}

TEST_CASE("Rows that are written meanwhile are no change of the schema") {
    const Database database;
    database.psql("CREATE TABLE t (a int)");
    std::jthread writer([&](const std::stop_token& stop) { // ends also when a check throws
        Connection connection(database.conninfo(), "writer");
        while (!stop.stop_requested())
            (void)connection.script("INSERT INTO t VALUES (1)");
    });
    Connection connection(database.conninfo(), "test");
    for (int i = 0; i < 10; ++i)
        CHECK(read(connection, {}).tables.size() == 1);
}

TEST_CASE("Spellings that mean the same are no difference") {
    const Database from;
    const Database to;
    from.psql("CREATE TABLE t (a int4 DEFAULT '0'::int, b varchar(10) DEFAULT 'x', c decimal(5), d float8, e "
              "int array, "
              "f timestamp with time zone, CHECK (a IN (1, 2)), UNIQUE (a))");
    to.psql(
        "CREATE TABLE t (a integer DEFAULT 0, b character varying(10) DEFAULT 'x'::varchar, c numeric(5,0), "
        "d double precision, e integer[], f timestamptz, CHECK (a = ANY (ARRAY[1, 2])), UNIQUE (a))");
    const Plan found = plan(read_from(from), read_from(to));
    for (const Change& change : found.changes)
        CHECK(change.text.find("default of a") ==
              0); // '0'::int is folded to 0 by the parser, but for the cast
    CHECK(found.unsupported.empty());
}

TEST_CASE("What the Rust dibs did not see is seen") {
    CHECK(difference("CREATE TABLE t (a varchar(10))", "ALTER TABLE t ALTER a TYPE varchar(20)")
              .changes.size() == 1);
    CHECK(difference("CREATE TABLE t (a json)", "ALTER TABLE t ALTER a TYPE jsonb").changes.size() == 1);
    CHECK(
        difference("CREATE TABLE t (a timestamp)", "ALTER TABLE t ALTER a TYPE timestamptz").changes.size() ==
        1);
    CHECK(difference("CREATE TABLE t (a int, b int, UNIQUE (a, b))", "").empty());
    CHECK(difference("CREATE TABLE t (a int, b int, PRIMARY KEY (a))",
                     "ALTER TABLE t DROP CONSTRAINT t_pkey, ADD PRIMARY KEY (a, b)")
              .statements.size() >= 2);
    CHECK(difference("CREATE TABLE t (a text DEFAULT 'a::b')", "").empty());
    CHECK(difference("CREATE TABLE t (a int, CONSTRAINT c CHECK (a > 0))",
                     "ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (a > 1)")
              .changes.size() == 1);
    CHECK(difference(
              "CREATE TABLE p (a int PRIMARY KEY); CREATE TABLE t (a int REFERENCES p)",
              "ALTER TABLE t DROP CONSTRAINT t_a_fkey, ADD FOREIGN KEY (a) REFERENCES p ON DELETE CASCADE")
              .changes.size() == 1);
    CHECK(difference("CREATE TABLE t (a text); CREATE INDEX i ON t (lower(a))", "").empty());
    CHECK(
        difference(
            "CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE m1 PARTITION OF p FOR VALUES IN (1)",
            "")
            .empty());
    CHECK(difference("CREATE TABLE x_dibs_foo (a int)", "ALTER TABLE x_dibs_foo ADD b int").changes.size() ==
          1);
}

TEST_CASE("The canonical text of a schema is the same once its dump is restored") {
    const Database from;
    from.psql("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (id int, dropped int, s varchar(5) "
              "CHECK (s IN "
              "('a', 'b')), m mood DEFAULT 'sad', at timestamptz DEFAULT now(), total numeric(10,2) DEFAULT "
              "0, PRIMARY "
              "KEY (id)); ALTER TABLE t DROP dropped; CREATE INDEX i ON t (lower(s)) WHERE s IN ('a', 'b') "
              "AND id > 0; "
              "CREATE VIEW v AS SELECT id, s FROM t WHERE s IN ('a', 'b'); CREATE TABLE p (d date NOT NULL) "
              "PARTITION "
              "BY RANGE (d); CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1'; CREATE TABLE "
              "child (t int "
              "REFERENCES t ON DELETE CASCADE, n bigserial)");
    const Database to;
    Connection source(from.conninfo(), "test");
    Connection copy(to.conninfo(), "test");
    std::ignore =
        copy.script(dibs::scratch::dump_schema(source, server().binaries().program("pg_dump"))).or_throw();
    const std::string text = canonical_text(read(source, {}), {});
    CHECK(text == canonical_text(read_from(to), {}));
    to.psql(
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); COMMENT ON TABLE t "
        "IS 'x'");
    CHECK(text == canonical_text(read_from(to), {}));
    to.psql("ALTER TABLE t ALTER total TYPE numeric(11,2)");
    CHECK_FALSE(text == canonical_text(read_from(to), {}));
}

TEST_CASE("The canonical text of a schema has the rest of it where there is what dibs leaves alone") {
    const Database from;
    from.psql("CREATE TABLE t (id int)");
    const std::string text = canonical_text(read_from(from), {});
    CHECK_FALSE(text.empty());
    from.psql(
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC; CREATE OPERATOR === "
        "(LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq); CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s "
        "FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE f (a int) SERVER s");
    CHECK(text == canonical_text(read_from(from), {}));
    from.psql("ALTER TABLE t ADD CHECK (id === 1)");
    CHECK(canonical_text(read_from(from), {}).find("===") != std::string::npos);
}

TEST_CASE("Definitions that are written out once for all of a shape are PostgreSQL's for each") {
    const Database database;
    std::string sql =
        "CREATE DOMAIN word AS varchar(10); CREATE SCHEMA \"a ON b. USING c\"; CREATE TYPE pair AS (a int);";
    for (const std::string name : {"first", "\"second ON t. USING (a)\"", "\"order\"", "\"say \"\"so\"\"\"",
                                   "\"a ON b. USING c\".first"}) {
        sql +=
            "CREATE TABLE " + name +
            " (id bigint DEFAULT 7 PRIMARY KEY, a int DEFAULT 7, b text DEFAULT 'x', \"C d\" varchar(10) "
            "DEFAULT 'x', w word, e text COLLATE \"C\", p pair, v tsvector, n int GENERATED ALWAYS AS (a + "
            "1) STORED,"
            "UNIQUE (a), UNIQUE (a, b) INCLUDE (e), UNIQUE NULLS NOT DISTINCT (b), UNIQUE (w) DEFERRABLE,"
            "UNIQUE (e) DEFERRABLE INITIALLY DEFERRED, CHECK (a > 0), EXCLUDE USING btree (\"C d\" WITH =));";
        for (const char* const columns :
             {"(a)", "(a DESC)", "(a NULLS FIRST)", "(b)", "(\"C d\")", "(w)", "(e)", "(b, a)", "(a, b)",
              "(b COLLATE \"POSIX\")", "(b text_pattern_ops)", "(a) INCLUDE (b)", "(a) WITH (fillfactor=50)",
              "(a) WHERE a > 1", "(lower(b))"})
            sql += "CREATE INDEX ON " + name + columns + ";";
        sql += "CREATE UNIQUE INDEX ON " + name + " (a); CREATE UNIQUE INDEX ON " + name +
               " (a) NULLS NOT DISTINCT; CREATE INDEX ON " + name +
               " USING hash (a);"
               "CREATE INDEX ON " +
               name + " USING gist (v); CREATE INDEX ON " + name +
               " USING gist (v tsvector_ops (siglen=100));";
    }
    sql += "CREATE TABLE whole (a int, b text, PRIMARY KEY (a)) PARTITION BY RANGE (a);"
           "CREATE TABLE part PARTITION OF whole DEFAULT; CREATE INDEX ON whole (b);"
           "ALTER TABLE first DROP COLUMN p, ADD COLUMN p text; CREATE INDEX ON first (p);";
    database.psql(sql);
    Connection connection(database.conninfo(), "test");
    const Model model = read(connection, {});
    const auto in = [&](const std::string& query) {
        const dibs::database::Result rows = connection.query({query, {}});
        std::vector<std::string> all;
        for (std::size_t row = 0; row < rows.rows(); ++row)
            all.emplace_back(rows.text(row, 0));
        return all;
    };
    (void)connection.script("SET search_path = ''").or_throw();
    const auto oid = [](const Key& of, const std::string& name) {
        return literal(qualified({Kind::table, of.schema, name, ""})) + "::regclass";
    };
    CHECK(model.indexes.size() == 5 * 20 + 3);
    for (const Index& index : model.indexes) {
        const std::string whole =
            in("SELECT pg_get_indexdef(" + oid(index.key, index.key.name) + ")").front();
        INFO(whole);
        CHECK(whole.ends_with(" " + index.definition));
        CHECK(index.definition.starts_with(qualified(index.table) + " USING "));
    }
    CHECK(model.constraints.size() == 5 * 8 + 2);
    for (const Constraint& constraint : model.constraints) {
        INFO(described(constraint.key));
        CHECK(in("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = " +
                 literal(constraint.key.part) +
                 " AND conrelid = " + oid(constraint.key, constraint.key.name)) ==
              std::vector<std::string>{constraint_definition(constraint)});
    }
    for (const Table& table : model.tables)
        for (const Column& column : table.columns) {
            INFO(described(column.key));
            CHECK(in("SELECT coalesce(pg_get_expr(d.adbin, d.adrelid), 'none') FROM pg_attribute a LEFT JOIN "
                     "pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attname = " +
                     literal(column.key.part) + " AND a.attrelid = " + oid(table.key, table.key.name)) ==
                  std::vector{column.expression.value_or("none")});
        }
}
