#include "support/backfilled.hpp"
#include "support/holder.hpp"
#include "support/text.hpp"

using dibs::tests::add_counted_rows;
using dibs::tests::backfill_stem;
using dibs::tests::contains;
using dibs::tests::noted;
using dibs::tests::Project;
using dibs::tests::Ran;
using dibs::tests::times_changed;

namespace {

/// A migration that gives each batch to a function with this body.
void add_function(Project& project, const std::string& body, const std::string& definition = "",
                  const std::string& behind = "") {
    project.add_body(backfill_stem,
                     "const auto rows = ctx.backfill({.table = \"t\"" + definition +
                         ", .batch_size = 10}, [&](const dibs::Batch& batch) {\n" + body +
                         "\n    });\n    (void)rows;\n" + behind,
                     ".transaction = false");
}

Ran fails(Project& project) {
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(times_changed(project) == "0");
    CHECK(noted(project, "state") == "running");
    return ran;
}

} // namespace

TEST_CASE("a function gets each batch's rows once, and writes them back in one statement") {
    Project project;
    add_counted_rows(project, 1000);
    project.psql("ALTER TABLE t ADD name text; UPDATE t SET name = 'name ' || id");
    add_function(project, R"cpp(
        std::vector<int> ids;
        std::vector<std::string> names;
        for (const auto row : ctx.rows(batch, "id, name")) {
            ids.push_back(row.get<int>("id"));
            names.push_back("<" + row.get<std::string>("name") + ">");
        }
        if (ids.size() != 10) throw dibs::Error("rows: " + std::to_string(ids.size()));
        ctx.execute("UPDATE t SET n = n + 1, name = v.name FROM unnest($1::int[], $2::text[]) AS v(id, name) "
                    "WHERE t.id = v.id", ids, names);
    )cpp",
                 "", "if (rows != 1000) throw dibs::Error(\"rows: \" + std::to_string(rows));");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(times_changed(project) == "1");
    CHECK(project.psql("SELECT count(*) FROM t WHERE name = '<name ' || id || '>'") == "1000");
    CHECK(noted(project, "rows, batches, definition") ==
          "1000|100|a function of the migration on public.t, by index t_pkey");
}

TEST_CASE("a function may write by what the batch's condition is, and only where .where is true") {
    Project project;
    add_counted_rows(project, 100);
    const std::string how = GENERATE(as<std::string>{}, "migrate", "migrate --in-process");
    add_function(project,
                 R"cpp(ctx.execute("UPDATE " + std::string(batch.table()) + " SET n = n + 1 WHERE " +
                    std::string(batch.condition()));)cpp",
                 ", .where = \"id % 2 = 0 -- even\"");
    std::vector<std::string> words{"migrate"};
    if (how != "migrate")
        words.emplace_back("--in-process");
    const Ran ran = project.dibs(words);
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(project.psql("SELECT string_agg(DISTINCT n || ' ' || id % 2, ',' ORDER BY n || ' ' || id % 2) FROM "
                       "t") == "0 1,1 0");
    CHECK(noted(project, "rows") == "50");
}

TEST_CASE("a batch of a function is rolled back with what it did when the function throws") {
    Project project;
    add_counted_rows(project, 30);
    const std::string update =
        "ctx.execute(\"UPDATE t SET n = n + 1 WHERE \" + std::string(batch.condition()));";
    SECTION("an error of its own") {
        add_function(project, update + "throw dibs::Error(\"my own\");");
        CHECK(contains(fails(project).err, "my own"));
    }
    SECTION("anything else") {
        add_function(project, update + "throw 42;");
        CHECK(contains(fails(project).err, "int"));
    }
    SECTION("an error of the server that it has caught") {
        add_function(project,
                     update + "try { ctx.execute(\"SELECT 1 / 0\"); } catch (const dibs::Error&) {}");
        CHECK(contains(fails(project).err, "an error in the batch was caught"));
    }
    SECTION("a ROLLBACK of its own") {
        add_function(project, update + "ctx.execute(\"ROLLBACK\");");
        CHECK(contains(fails(project).err, "the batch has ended its transaction itself"));
    }
    SECTION("a backfill or a step within it") {
        const std::string within = GENERATE(
            as<std::string>{}, "ctx.backfill({.table = \"t\", .set = \"n = 1\"});", "ctx.step(\"a\", [] {});",
            "ctx.create_index_concurrently({.table = \"t\", .columns = {\"n\"}, .name = \"i\"});");
        add_function(project, update + within);
        CHECK(contains(fails(project).err, "batch of a backfill"));
    }
}

TEST_CASE("a COMMIT in a batch is told, and its progress is not what the server has") {
    Project project;
    add_counted_rows(project, 30);
    add_function(project, "ctx.execute(\"UPDATE t SET n = n + 1 WHERE \" + std::string(batch.condition())); "
                          "ctx.execute(\"COMMIT\");");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "the batch has ended its transaction itself, so how far it is could not be "
                            "recorded with it"));
}

TEST_CASE("a batch that meets a lock, a deadlock or the like is done again, and gets smaller") {
    Project project;
    add_counted_rows(project, 100);
    project.psql("CREATE SEQUENCE failures");
    const std::string code = GENERATE("40001", "40P01", "55P03", "57014");
    add_function(project,
                 "if (ctx.query(\"SELECT nextval('failures')\").one().get<int>(0) <= 4) ctx.execute(\"DO $$ "
                 "BEGIN RAISE "
                 "EXCEPTION SQLSTATE '" +
                     code +
                     "' USING MESSAGE = 'chance'; END $$\");\n"
                     "ctx.execute(\"UPDATE t SET n = n + 1 WHERE \" + std::string(batch.condition()));",
                 "", "if (rows != 100) throw dibs::Error(\"rows: \" + std::to_string(rows));");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(times_changed(project) == "1");
    CHECK(noted(project, "batches > 10, rows") == "t|100");
}

TEST_CASE("a function has one worker, and does all of the work") {
    Project project;
    add_counted_rows(project, 30);
    const auto [definition, message] = GENERATE(values<std::pair<const char*, const char*>>(
        {{", .workers = 2", "backfill() with a function has one worker"},
         {", .set = \"n = 1\"", "backfill() with a function takes neither .set nor .sql"}}));
    // .set stands before .batch_size
    const std::string text = definition;
    project.add_body(backfill_stem,
                     "ctx.backfill({.table = \"t\"" +
                         (contains(text, ".set") ? text : std::string(", .workers = 2")) +
                         "}, [](const dibs::Batch&) {});",
                     ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, message));
}

TEST_CASE("a table without a key has no batches for a function") {
    Project project;
    project.psql("CREATE TABLE t (n int NOT NULL)");
    add_function(project, "(void)batch;");
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "so a batch cannot be told from the rest"));
}
