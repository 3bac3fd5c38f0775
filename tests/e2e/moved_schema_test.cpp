#include "support/sql_project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Ran;
using dibs::tests::SqlProject;

namespace {

constexpr const char* warned = "was generated for another schema than ";

} // namespace

TEST_CASE("migrate warns of a schema that is not the one a generated migration was tried on") {
    SqlProject project;
    project.psql("CREATE TABLE a (id int)");
    project.wants("CREATE TABLE a (id int, name text)");
    REQUIRE(project.generate("add-name").code == 0);
    CHECK(contains(project.build(), "\n// Tried on a copy of the schema "));
    SECTION("it has moved") {
        project.psql("ALTER TABLE a ADD meanwhile int");
        const Ran ran = project.project().dibs({"migrate"});
        CHECK(ran.code == 0); // it is a warning
        CHECK(contains(ran.err, warned));
        CHECK(contains(ran.err, "-add_name "));
    }
    SECTION("an older migration moves it") {
        project.project().add_body("m2020_01_01_000000_before", "ctx.execute(\"CREATE TABLE b (id int)\");");
        CHECK(contains(project.project().dibs({"migrate"}).err, warned));
    }
    SECTION("in what makes no difference") {
        project.psql("COMMENT ON TABLE a IS 'of this database'; GRANT SELECT ON a TO PUBLIC; INSERT INTO a "
                     "VALUES (1); CREATE TEMP TABLE t (a int)");
        CHECK_FALSE(contains(project.project().dibs({"migrate"}).err, warned));
    }
    SECTION("in what dibs.yaml leaves out") {
        project.configure("diff: {exclude: [\"table:other\"]}\n");
        project.psql("CREATE TABLE other (id int)");
        CHECK_FALSE(contains(project.project().dibs({"migrate"}).err, warned));
    }
    SECTION("nobody knows, where the catalog cannot be read") {
        const std::string role = "moved_" + project.psql("SELECT current_database()");
        project.psql("CREATE ROLE \"" + role + "\" LOGIN; GRANT ALL ON SCHEMA public TO \"" + role +
                     "\"; ALTER TABLE a OWNER TO \"" + role + "\"; REVOKE SELECT ON pg_policy FROM PUBLIC");
        const Ran ran = project.project().dibs({"migrate", "--verbose", "--database-url",
                                                project.project().database().conninfo() + " user=" + role});
        project.psql("DROP OWNED BY \"" + role + "\"; DROP ROLE \"" + role + "\"");
        INFO(ran.out << ran.err);
        CHECK(ran.code == 0); // it is no reason not to migrate
        CHECK(contains(ran.err, "was tried on is not known: permission denied for table pg_policy"));
    }
    SECTION("a dry run changes nothing, and warns of nothing") {
        project.psql("CREATE TABLE other (id int)");
        CHECK(project.project().dibs({"migrate", "--dry-run=execute"}).err.empty());
    }
}

TEST_CASE("the migrations of one plan, and one plan after the other, are on the schema they were tried on") {
    SqlProject project;
    project.psql("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE a (id int, m mood)");
    project.wants("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE a (id int, m mood DEFAULT 'ok'); "
                  "CREATE INDEX i ON a (id)");
    REQUIRE(project.generate("first").code == 0);
    REQUIRE(project.sources() > 1);
    CHECK(contains(project.build(), "\n// Tried on that copy after part 1."));
    Ran ran = project.project().dibs({"migrate"});
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
    project.wants(
        "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE a (id int, m mood DEFAULT 'ok', n int); "
        "CREATE INDEX i ON a (id)");
    REQUIRE(project.generate("second").code == 0);
    project.build();
    ran = project.project().dibs({"migrate"});
    CHECK(ran.code == 0);
    CHECK(ran.err.empty());
}

TEST_CASE("what a cast takes from values is data loss, and is refused until it is allowed") {
    SqlProject project;
    project.psql("CREATE TABLE t (price numeric(10,2)); INSERT INTO t VALUES (1.25)");
    project.wants("CREATE TABLE t (price int)");
    const Ran ran = project.diff();
    CHECK(contains(ran.out, "! data loss: fractions are rounded to whole numbers\n"));
    const Ran refused = project.generate("whole");
    CHECK(refused.code == 1);
    CHECK(contains(refused.err, "column public.t.price: fractions are rounded to whole numbers"));
    project.step("whole", {"--allow-data-loss"});
    CHECK(project.psql("SELECT price FROM t") == "1");
}

TEST_CASE("a type without a cast is said at diff time, with what to write instead") {
    SqlProject project;
    project.psql("CREATE TABLE t (a int)");
    project.wants("CREATE TABLE t (a uuid)");
    CHECK(
        contains(project.diff().out,
                 "! may fail: PostgreSQL has no cast from integer to uuid, so each value is written as text "
                 "and read as uuid; where that is not meant, add a column, fill it (ctx.backfill), and drop "
                 "this one"));
}
