#include "report/failure.hpp"
#include "support/program.hpp"
#include "support/server.hpp"
#include "support/sql_project.hpp"
#include "support/temporary_directory.hpp"

using dibs::tests::Database;
using dibs::tests::Ran;
using dibs::tests::SqlProject;

namespace {

class Two {
  public:
    Database from;
    Database to;

    Ran diff(std::vector<std::string> more = {}) const {
        std::vector<std::string> argv{
            dibs::tests::dibs_program().string(), "diff", "--from", from.url(), "--to", to.url()};
        argv.insert(argv.end(), more.begin(), more.end());
        return dibs::tests::run_in(folder_.path(), std::move(argv));
    }

  private:
    dibs::tests::TemporaryDirectory folder_;
};

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("diff tells each difference on a line, by table, with what it may cost") {
    const Two two;
    two.from.psql("CREATE TABLE users (id int PRIMARY KEY, name text, note varchar(10)); "
                  "INSERT INTO users VALUES (1, 'a', 'b'); ANALYZE users; CREATE TABLE gone (a int)");
    two.to.psql("CREATE TABLE users (id int PRIMARY KEY, full_name text, note varchar(20)); CREATE TABLE "
                "orders (a int)");
    const Ran ran = two.diff();
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    CHECK(contains(ran.out, "+ table public.orders\n"));
    CHECK(contains(ran.out, "- table public.gone"));
    CHECK(contains(ran.out, "table public.users  (about 1 rows"));
    CHECK(contains(ran.out, "  + column full_name text\n      ? looks like a rename of name\n"));
    CHECK(contains(ran.out, "  - column name\n      ! data loss: all values\n"));
    CHECK(contains(ran.out, "  ~ column note: type character varying(10) -> character varying(20)\n"));
    CHECK(contains(ran.out, "5 changes to make " + two.from.name()));
}

TEST_CASE("What diff --sql prints makes the databases alike when psql runs it, and marks what loses data") {
    const Two two;
    two.from.psql(
        "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (a int, m mood); CREATE TABLE gone (a int)");
    two.to.psql("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (a bigint, m mood DEFAULT 'ok'); "
                "CREATE VIEW v AS SELECT a FROM t");
    const Ran sql = two.diff({"--sql", "--exit-code"});
    CHECK(sql.code == 3);
    CHECK(contains(sql.out, "-- DATA LOSS: all rows of public.gone\nDROP TABLE public.gone;\n"));
    two.from.psql(sql.out);
    const Ran again = two.diff({"--exit-code"});
    CHECK(again.code == 0);
    CHECK(contains(again.out, "Nothing differs between"));
    CHECK(two.from.psql("SELECT count(*) FROM v") == "0");
}

TEST_CASE("diff neither reads nor touches what dibs itself keeps") {
    const Two two;
    two.from.psql("CREATE TABLE _dibs_migrations (version text PRIMARY KEY)");
    CHECK(two.diff({"--exit-code"}).code == 0);
}

TEST_CASE("diff refuses to print statements where something differs that it does not support") {
    const Two two;
    two.to.psql("CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple); CREATE TABLE t (a int)");
    const Ran sql = two.diff({"--sql"});
    CHECK(sql.code == 1);
    CHECK(contains(sql.err, "not supported: text search configuration public.plain"));
    CHECK(sql.out.empty());
    const Ran lines = two.diff();
    CHECK(lines.code == 0);
    CHECK(contains(lines.out, "+ table public.t\n"));
    CHECK(contains(lines.out, "! not supported: text search configuration public.plain"));
}

TEST_CASE("diff --json is one document with changes and statements") {
    const Two two;
    two.to.psql("CREATE TABLE t (a int)");
    const Ran ran = two.diff({"--json"});
    CHECK(ran.code == 0);
    CHECK(contains(ran.out, "\"equal\": false"));
    CHECK(contains(ran.out, "\"text\": \"table public.t\""));
    CHECK(contains(ran.out, "\"sql\": \"CREATE TABLE public.t (\\n    a integer\\n)\""));
    CHECK(contains(two.diff({"--json", "--sql"}).out, "\"equal\": false"));
}

TEST_CASE(
    "diff without a schema to compare with starts nothing, and passwords in its URLs are not repeated") {
    const Two two;
    const dibs::tests::TemporaryDirectory folder;
    const Ran missing = dibs::tests::run_in(
        folder.path(), {dibs::tests::dibs_program().string(), "diff", "--from", two.from.url()});
    CHECK(missing.code == 1);
    CHECK(contains(missing.err, "build/schema.so: No such file or directory"));
    CHECK(contains(missing.err, "dibs_add_schema(DIRECTORY schema)"));
    CHECK(missing.out.empty());
    CHECK_FALSE(std::filesystem::exists(folder.path() / ".dibs"));
    const Ran unreachable = dibs::tests::run_in(
        folder.path(), {dibs::tests::dibs_program().string(), "diff", "--from", two.from.url(), "--to",
                        "postgresql://someone:s3cr3t-word@/nowhere?host=/nonexistent"});
    CHECK(unreachable.code == 8);
    CHECK_FALSE(contains(unreachable.out + unreachable.err, "s3cr3t-word"));
}

TEST_CASE("what PostgreSQL prints otherwise once it has read what it printed is no difference") {
    const Two two;
    two.to.psql(
        "CREATE TABLE t (kind varchar(20) CHECK (kind IN ('a', 'b')), few boolean DEFAULT ('a'::varchar "
        "IN ('b', 'c'))); CREATE INDEX t_kind ON t (kind) WHERE kind IN ('a', 'b'); "
        "CREATE POLICY p ON t USING (kind IN ('a', 'b')); "
        "CREATE VIEW v AS SELECT kind FROM t WHERE kind IN ('a', 'b'); "
        "CREATE STATISTICS s ON few, (kind IN ('a', 'b')) FROM t");
    const std::string of_b = "(kind::text = ANY ((ARRAY['a'::varchar, 'b'::varchar])::text[]))";
    two.from.psql("CREATE TABLE t (kind varchar(20) CHECK " + of_b +
                  ", few boolean DEFAULT ('a'::varchar::text = ANY ((ARRAY['b'::varchar, "
                  "'c'::varchar])::text[]))); CREATE INDEX t_kind ON t (kind) WHERE " +
                  of_b + "; CREATE POLICY p ON t USING " + of_b +
                  "; CREATE VIEW v AS SELECT kind FROM t WHERE " + of_b + "; CREATE STATISTICS s ON few, " +
                  of_b + " FROM t");
    REQUIRE(two.from.psql("SELECT pg_get_indexdef('t_kind'::regclass)") !=
            two.to.psql("SELECT pg_get_indexdef('t_kind'::regclass)"));
    const Ran ran = two.diff({"--exit-code"});
    INFO(ran.out);
    CHECK(ran.code == 0);

    two.from.psql("DROP INDEX t_kind; CREATE INDEX t_kind ON t (kind) WHERE kind IN ('a', 'c')");
    CHECK(two.diff({"--exit-code"}).code == 3);
}

TEST_CASE("Between two databases a definition that PostgreSQL prints otherwise once it was read again is the "
          "same") {
    SqlProject project;
    const Database again;
    const char* const table = "CREATE TABLE t (id int, v varchar(5), n numeric);";
    project.psql(
        std::string(table) +
        "CREATE VIEW flat AS SELECT id FROM t WHERE v BETWEEN 'a' AND 'b' AND id > -1;"
        "CREATE VIEW minus AS SELECT -1::int AS n;"
        "CREATE VIEW named AS SELECT name FROM (SELECT 'PUBLIC'::name AS name UNION ALL SELECT 'x') q");
    again.psql(table);
    for (const std::string view : {"flat", "minus", "named"})
        again.psql("CREATE VIEW " + view + " AS " +
                   project.psql("SELECT pg_get_viewdef('" + view + "'::regclass)"));
    REQUIRE(project.psql("SELECT pg_get_viewdef('flat'::regclass)") !=
            again.psql("SELECT pg_get_viewdef('flat'::regclass)"));
    const auto diff = [&] { return project.project().dibs({"diff", "--to", again.url(), "--exit-code"}); };
    const Ran same = diff();
    INFO(same.out << same.err);
    CHECK(same.code == 0);
    CHECK(same.err.empty());

    again.psql("CREATE OR REPLACE VIEW flat AS SELECT id FROM t WHERE v BETWEEN 'a' AND 'c' AND id > -1");
    const Ran other = diff();
    CHECK(other.code == 3);
    CHECK(contains(other.out, "view public.flat\n  ~ definition changed\n\n1 change"));
}

TEST_CASE("diff says that NOT NULL fails where such rows are there, and only then") {
    const Two two;
    two.from.psql(
        "CREATE TABLE t (id int, name text); INSERT INTO t VALUES (1, NULL); CREATE TABLE e (id int)");
    two.to.psql("CREATE TABLE t (id int NOT NULL, name text NOT NULL, more int NOT NULL); "
                "CREATE TABLE e (id int, more int NOT NULL)");
    const Ran ran = two.diff();
    INFO(ran.out);
    CHECK(contains(ran.out,
                   "  ~ column id: not null\n      ! long lock: every row is read while nobody else may\n"
                   "      ! may fail: "));
    CHECK(contains(ran.out,
                   "      ! fails: rows have no value; fill them first: UPDATE public.t SET name = ... "
                   "WHERE name IS NULL"));
    CHECK(contains(ran.out, "  + column more integer NOT NULL\n      ! fails: there are rows, "));
    CHECK(contains(ran.out, "  + column more integer NOT NULL\n      ! may fail: "));
}
