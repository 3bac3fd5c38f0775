#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

/// What the bodies below say when something is not as it must be.
const char* const expect = R"(
    const auto expect = [](bool holds, const char* what) {
        if (!holds) throw dibs::Error(what);
    };
)";

void runs(std::string body) {
    Project project;
    project.add_body("m2026_01_01_000000_checks", expect + std::move(body));
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
}

/// Runs a body that must fail, and gives what was printed on standard error.
std::string fails(const std::string& body) {
    Project project;
    project.add_body("m2026_01_01_000000_fails", body);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 5);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    return ran.err;
}

} // namespace

TEST_CASE("every kind of parameter arrives as the value that it was") {
    runs(R"cpp(
    ctx.execute("CREATE TABLE v (i2 smallint, i4 integer, i8 bigint, u bigint, f4 real, f8 double precision, b boolean, "
                "t text, y bytea, n integer, o integer, a bigint[], s text[], m integer[], ob boolean[], j jsonb, d date)");
    const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}, std::byte{'\\'}, std::byte{'\''}};
    const std::vector<std::optional<std::string>> texts{"a,b", "say \"hi\"", "back\\slash", "", "NULL", std::nullopt, "{}", "ü €"};
    const std::vector<std::vector<int>> matrix{{1, 2}, {3, 4}};
    const std::uint64_t rows = ctx.execute(
        "INSERT INTO v VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        std::int16_t{-32768}, 2147483647, std::int64_t{-9223372036854775807 - 1}, 18u, 0.1f, 0.1, true,
        std::string("it's \\ ü"), bytes, nullptr, std::optional<int>{}, std::vector<std::int64_t>{1, -2}, texts, matrix,
        std::vector<bool>{true, false}, R"({"k": [1, 2]})", std::string_view("2026-02-28"));
    expect(rows == 1, "one row affected");
    const auto result = ctx.query("SELECT * FROM v");
    const auto row = result.one();
    expect(row.get<std::int16_t>("i2") == -32768, "smallint");
    expect(row.get<int>("i4") == 2147483647, "integer");
    expect(row.get<std::int64_t>("i8") == -9223372036854775807 - 1, "bigint");
    expect(row.get<std::uint32_t>("u") == 18, "unsigned");
    expect(row.get<float>("f4") == 0.1f, "real");
    expect(row.get<double>("f8") == 0.1, "double");
    expect(row.get<bool>("b"), "bool");
    expect(row.get<std::string>("t") == "it's \\ ü", "text");
    expect(row.get<std::vector<std::byte>>("y") == bytes, "bytea");
    expect(!row.get<std::optional<int>>("n").has_value() && row.is_null("o"), "NULL");
    expect(row.get<std::vector<std::int64_t>>("a") == std::vector<std::int64_t>{1, -2}, "bigint[]");
    expect(row.get<std::vector<std::optional<std::string>>>("s") == texts, "text[]");
    expect(row.get<std::string>("m") == "{{1,2},{3,4}}", "two dimensions");
    expect(row.get<std::vector<bool>>("ob") == std::vector<bool>{true, false}, "boolean[]");
    expect(row.get<std::string_view>("j") == R"({"k": [1, 2]})", "jsonb");
    expect(row.get<std::string>(16) == "2026-02-28", "by index");
    expect(ctx.query("SELECT 1 WHERE $1::text IS NULL AND $2::int[] = '{}'", std::nullopt, std::vector<int>{}).size() == 1,
           "nullopt, an empty array");
    )cpp");
}

TEST_CASE("execute takes several statements, and gives the rows affected by the last") {
    runs(R"cpp(
    expect(ctx.execute("CREATE TABLE a (i int); INSERT INTO a SELECT generate_series(1, 7); UPDATE a SET i = 0 WHERE i > 4")
           == 3, "three updated");
    expect(ctx.execute("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'a;b'; $$; -- done;\n") == 0, "DDL");
    expect(ctx.query("SELECT f()").one().get<std::string>(0) == "a;b", "a $$ body with a semicolon");
    )cpp");
}

TEST_CASE("SQL is never taken apart: a semicolon may stand wherever PostgreSQL allows one") {
    const std::string transaction = GENERATE("", ".transaction = false");
    Project project;
    project.add_body("m2026_01_01_000000_semicolons", R"cpp(
    ctx.execute(R"sql(
        CREATE FUNCTION nested() RETURNS text LANGUAGE plpgsql AS $body$
            DECLARE t text; BEGIN EXECUTE $q$ SELECT $$a;b$$ $q$ INTO t; IF true THEN RETURN t; END IF; END; $body$;
        /* one; /* in another; */ still; */ -- and a line;
        CREATE TABLE odd ("semi;colon" text DEFAULT E'it\';s', plain text DEFAULT 'back\;slash;');
        CREATE RULE twice AS ON DELETE TO odd DO ALSO (NOTIFY a; NOTIFY b);
        DO $$ BEGIN PERFORM 1; END; $$;
        INSERT INTO odd DEFAULT VALUES;
    )sql");
    if (ctx.server_version() >= 140000)
        ctx.execute("CREATE FUNCTION of_standard_sql() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END");
    ctx.execute("INSERT INTO odd VALUES ($1, ';')", ";");
    )cpp",
                     transaction);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT nested()") == "a;b");
    CHECK(project.psql("SELECT * FROM odd") == "it';s|back\\;slash;\n;|;");
}

TEST_CASE("a savepoint undoes what failed and lets the migration go on") {
    runs(R"cpp(
    ctx.execute("CREATE TABLE t (i int PRIMARY KEY)");
    ctx.execute("INSERT INTO t VALUES (1)");
    bool caught = false;
    try {
        ctx.savepoint([&] {
            ctx.execute("INSERT INTO t VALUES (2)");
            ctx.execute("INSERT INTO t VALUES ($1)", 1);
        });
    } catch (const dibs::Error& error) {
        caught = error.sqlstate() == "23505" && error.constraint() == "t_pkey" && !error.detail().empty();
    }
    expect(caught, "unique_violation");
    const int four = ctx.savepoint([&] {
        ctx.execute("INSERT INTO t VALUES (3)");
        try {
            ctx.savepoint([&] { ctx.execute("INSERT INTO t VALUES (5)"); throw 1; });
        } catch (int) {
        }
        ctx.execute("INSERT INTO t VALUES (4)");
        return 4;
    });
    expect(four == 4, "what the function returns");
    const auto rows = ctx.query("SELECT array_agg(i ORDER BY i) AS all FROM t");
    expect(rows.one().get<std::vector<int>>("all") == std::vector<int>{1, 3, 4}, "what stayed");
    )cpp");
}

TEST_CASE("a savepoint may be the first thing that a migration does") {
    runs(R"cpp(
    try {
        ctx.savepoint([&] { ctx.execute("SELEKT"); });
    } catch (const dibs::Error& error) {
        expect(error.sqlstate() == "42601" && error.position() == 1 && error.line() > 0, "a syntax error, with its place");
    }
    ctx.execute("CREATE TABLE afterwards ()");
    )cpp");
}

TEST_CASE("log lines and the server's version reach the migration's author") {
    Project project;
    project.add_body("m2026_01_01_000000_logs",
                     "ctx.log(\"version \" + std::to_string(ctx.server_version())); "
                     "ctx.execute(\"DO $$ BEGIN RAISE NOTICE 'from the server'; END $$\");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "version " + project.psql("SHOW server_version_num") + "\n"));
    CHECK(contains(ran.out, "NOTICE: from the server\n"));
}

TEST_CASE("rows without columns are counted") {
    Project project;
    project.add_body(
        "m2026_01_01_000000_counts",
        "ctx.log(std::to_string(ctx.query(\"SELECT FROM generate_series(1, 3)\").size()) + \" rows\");");
    CHECK(contains(project.dibs({"migrate"}).out, "3 rows\n"));
}

TEST_CASE("reading a column as something that it is not is an error that says what it is") {
    CHECK(contains(fails("(void)ctx.query(\"SELECT 'x'::text AS name\").one().get<int>(\"name\");"),
                   "column \"name\" is text, which cannot be read as std::int32_t"));
    CHECK(contains(fails("(void)ctx.query(\"SELECT 1.5 AS price\").one().get<double>(\"price\");"),
                   "column \"price\" is numeric, which cannot be read as double"));
    CHECK(contains(fails("(void)ctx.query(\"SELECT 40000 AS n\").one().get<std::int16_t>(\"n\");"),
                   "column \"n\" is 40000 in row 0, which std::int16_t cannot hold"));
    CHECK(contains(fails("(void)ctx.query(\"SELECT -1 AS n\").one().get<std::uint64_t>(\"n\");"),
                   "column \"n\" is -1 in row 0, which std::uint64_t cannot hold"));
    CHECK(contains(fails("(void)ctx.query(\"SELECT NULL::int AS n\").one().get<int>(\"n\");"),
                   "column \"n\" is NULL in row 0, and std::int32_t cannot hold that"));
    CHECK(contains(fails("ctx.execute(\"CREATE TYPE mood AS ENUM ('ok')\"); "
                         "(void)ctx.query(\"SELECT 'ok'::mood AS m\").one().get<bool>(\"m\");"),
                   "column \"m\" is mood, which cannot be read as bool"));
}

TEST_CASE("a column or row that is not there is an error that says what is") {
    CHECK(contains(fails("(void)ctx.query(\"SELECT 1 AS a, 2 AS b\").one().get<int>(\"c\");"),
                   "the result has no column \"c\": it has a, b"));
    CHECK(contains(fails("(void)ctx.query(\"SELECT 1 AS a, 2 AS a\").one().get<int>(\"a\");"),
                   "more than one column of the result is called \"a\""));
    CHECK(contains(fails("(void)ctx.query(\"SELECT 1\").one().get<int>(1);"), "no column 1"));
    CHECK(
        contains(fails("(void)ctx.query(\"SELECT 1 WHERE false\").one();"), "gave 0 rows where exactly one"));
    CHECK(contains(fails("(void)ctx.query(\"SELECT 1\")[1];"), "no row 1"));
    CHECK(contains(fails("(void)ctx.query(\"CREATE TABLE t ()\");"), "a statement that has no rows"));
}

TEST_CASE("a wrong read names the line that reads") {
    const std::string err =
        fails("const auto rows = ctx.query(\"SELECT 1 AS a\");\n\n(void)rows.one().get<bool>(\"a\");");
    CHECK(contains(err, "at m2026_01_01_000000_fails.cpp:17\n"));
}

TEST_CASE("text with a NUL is refused before it is cut") {
    CHECK(contains(fails("ctx.execute(\"SELECT $1\", std::string(\"a\\0b\", 3));"),
                   "the value for $1 has a NUL"));
    CHECK(contains(fails("ctx.execute(std::string(\"SELECT 1\\0; SELECT 2\", 19));"), "the SQL has a NUL"));
}

TEST_CASE("COPY through the client is refused, and the connection stays usable") {
    CHECK(contains(fails("ctx.execute(\"CREATE TABLE t (i int)\"); ctx.execute(\"COPY t FROM STDIN\");"),
                   "COPY with STDIN"));
    CHECK(contains(fails("ctx.execute(\"COPY (SELECT 1) TO STDOUT\");"), "COPY with STDIN"));
}

TEST_CASE("a row outlives the result that nobody kept") {
    runs(R"cpp(
    const auto row = ctx.query("SELECT 7 AS i, NULL AS n").one();
    ctx.execute("SELECT 1");
    expect(row.get<int>("i") == 7 && row.is_null("n"), "one()");
    const auto second = ctx.query("SELECT * FROM generate_series(1, 2) AS i")[1];
    expect(second.get<int>("i") == 2, "[]");)cpp");
    CHECK(contains(fails("(void)ctx.query(\"SELECT 1 WHERE false\").one();"), "0 rows"));
}
