#include "support/project.hpp"
#include "support/text.hpp"

using dibs::tests::contains;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

const char* const stem = "m2026_01_01_000000_index";
const char* const users = "CREATE TABLE users (id bigint, email text, org int)";

} // namespace

TEST_CASE("an index cannot be built or dropped concurrently in a transaction, and the option is shown") {
    Project project;
    project.psql(users);
    project.psql("CREATE INDEX users_org_idx ON users (org)");
    project.add_body(
        stem,
        GENERATE(
            as<std::string>(),
            "ctx.create_index_concurrently({.table = \"users\", .columns = {\"email\"}, .name = \"i\"});",
            "ctx.drop_index_concurrently({.name = \"users_org_idx\"});"));
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, " concurrently in a transaction, and this migration runs in one\n"));
    CHECK(contains(ran.err, "says DIBS_MIGRATION(.transaction = false)."));
    CHECK(project.psql("SELECT to_regclass('users_org_idx') IS NOT NULL") == "t");
}

TEST_CASE("what is wrong with an index that is wanted is an error that says what to do") {
    Project project;
    project.psql(users);
    project.psql(
        "CREATE SCHEMA shop; CREATE TABLE shop.orders (id int); CREATE TABLE parts (id int) PARTITION BY "
        "RANGE (id); CREATE TABLE \"Users\" (id int)");
    project.add_body(stem, R"cpp(
    const auto refused = [&](auto&& f) {
        try { f(); ctx.log("not refused"); }
        catch (const dibs::Error& error) { ctx.log(error.message()); ctx.log(error.hint()); }
    };
    refused([&] { ctx.create_index_concurrently({.table = "nobody", .columns = {"id"}, .name = "i"}); });
    refused([&] { ctx.create_index_concurrently({.table = "shop.orders", .columns = {"id"}, .name = "i"}); });
    refused([&] { ctx.create_index_concurrently({.table = "orders", .columns = {"id"}, .name = "i", .schema = "none"}); });
    refused([&] { ctx.create_index_concurrently({.table = "parts", .columns = {"id"}, .name = "i"}); });
    refused([&] { ctx.create_index_concurrently({.table = "users", .columns = {}, .name = "i"}); });
    refused([&] { ctx.create_index_concurrently({.table = "users", .columns = {"emial"}, .name = "i"}); });
    refused([&] { ctx.create_index_concurrently({.table = std::string("a\0b", 3), .columns = {"id"}, .name = "i"}); });
    refused([&] { ctx.drop_index_concurrently({.name = "none"}); });
    refused([&] { ctx.drop_index_concurrently({.name = "users"}); });
    ctx.execute("BEGIN");
    refused([&] { ctx.create_index_concurrently({.table = "users", .columns = {"id"}, .name = "i"}); });
    refused([&] { ctx.drop_index_concurrently({.name = "i"}); });
    ctx.execute("COMMIT");
    ctx.create_index_concurrently({.table = "Users", .columns = {"id"}, .name = "Users_id"});
    ctx.create_index_concurrently({.table = "orders", .columns = {"id"}, .name = "orders_id", .schema = "shop"});
    )cpp",
                     ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    for (const char* const said :
         {"there is no table \"nobody\"\n", "Names are taken as they are, case included.\n",
          "there is no table \"shop.orders\"\n",
          "A schema has a field of its own: .table = \"orders\", ..., .schema = \"shop\".\n",
          "there is no table \"orders\" in schema \"none\"\n",
          "public.parts is partitioned, and PostgreSQL builds no ",
          "Build one on each partition concurrently; then, ", "needs .table, .columns and .name\n",
          "column \"emial\" does not exist\n", ".table has a NUL character in it",
          "there is no index \"none\"\n", "public.users is no index\n",
          "the migration has begun a transaction, in which no index can be built concurrently\n",
          "the migration has begun a transaction, in which no index can be dropped concurrently\n"})
        CHECK(contains(ran.out, said));
    CHECK_FALSE(contains(ran.out, "not refused"));
    CHECK(project.psql(
              "SELECT to_regclass('\"Users_id\"') IS NOT NULL, to_regclass('shop.orders_id') IS NOT NULL") ==
          "t|t");
}
