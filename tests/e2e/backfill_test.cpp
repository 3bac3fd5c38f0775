#include "support/backfilled.hpp"
#include "support/text.hpp"

using dibs::tests::add_backfill;
using dibs::tests::add_counted_rows;
using dibs::tests::backfill_stem;
using dibs::tests::contains;
using dibs::tests::noted;
using dibs::tests::Project;
using dibs::tests::Ran;
using dibs::tests::times_changed;

TEST_CASE("a backfill changes every row once, each batch in a transaction of its own") {
    Project project;
    add_counted_rows(project, 1000);
    add_backfill(project, R"(.table = "t", .set = "n = n + 1", .batch_size = 100)", 1000);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(times_changed(project) == "1");
    CHECK(project.psql("SELECT string_agg(c::text, ' ') FROM (SELECT count(*) c FROM t GROUP BY "
                       "xmin::text) x") == "100 100 100 100 100 100 100 100 100 100");
    CHECK(noted(project, "name, state, rows, batches, definition") ==
          "fill|finished|1000|10|UPDATE public.t SET n = n + 1, by index t_pkey");
    CHECK(contains(ran.out, "backfill of public.t: 1,000 rows changed"));
    const Ran status = project.dibs({"status"});
    INFO(status.out);
    CHECK_FALSE(contains(status.out, "backfill"));
    CHECK(contains(status.out, "1 applied, 0 pending"));
}

TEST_CASE("a backfill walks by the keys of any kind, and changes every row once") {
    const auto [rows, table] = GENERATE(values<std::pair<int, const char*>>({
        {1000, "(a int, b text COLLATE \"C\", n int NOT NULL DEFAULT 0, PRIMARY KEY (a, b)); INSERT INTO t "
               "SELECT i % 7, 'b' || i FROM generate_series(1, 1000) i"},
        {1000, "(id uuid PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT gen_random_uuid() FROM "
               "generate_series(1, 1000)"},
        {1000, "(id text COLLATE \"und-x-icu\" PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT "
               "chr(65 + i % 2 * 32 + i % 26) || chr(228) || i || '''\\' FROM generate_series(1, 1000) i"},
        {1000, "(id varchar(40) PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT md5(i::text) "
               "FROM generate_series(1, 1000) i"},
        {1000, "(id bigint PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT i * 1000000000::int8 "
               "* (1 + i % 3) FROM generate_series(1, 1000) i ON CONFLICT DO NOTHING; INSERT INTO t SELECT "
               "-i FROM generate_series(1, 1000 - (SELECT count(*)::int FROM t)) i"},
        {1000, "(a int NOT NULL, b timestamptz NOT NULL, n int NOT NULL DEFAULT 0); CREATE UNIQUE INDEX ON t "
               "(a DESC, b DESC); INSERT INTO t SELECT i % 10, 'epoch'::timestamptz + i * interval '1 ms' "
               "FROM generate_series(1, 1000) i"},
        {1000, "(id numeric PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT i / 7.0 FROM "
               "generate_series(1, 999) i; INSERT INTO t VALUES ('NaN')"},
        {1000, "(id text NOT NULL, n int NOT NULL DEFAULT 0); CREATE UNIQUE INDEX ON t (id "
               "text_pattern_ops); INSERT INTO t SELECT chr(65 + i % 60) || i FROM generate_series(1, 1000) "
               "i"},
        {1000, "(\"the Key\" smallint PRIMARY KEY, \"from\" int, n int NOT NULL DEFAULT 0); INSERT INTO t "
               "SELECT i FROM generate_series(-500, 499) i"},
        {0, "(id int PRIMARY KEY, n int NOT NULL DEFAULT 1)"},
        {1, "(id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t VALUES (7)"},
        {1000, "(id int, day date, n int NOT NULL DEFAULT 0, PRIMARY KEY (id, day)) PARTITION BY RANGE "
               "(day); CREATE TABLE early PARTITION OF t FOR VALUES FROM (MINVALUE) TO ('2026-01-01'); "
               "CREATE TABLE late PARTITION OF t FOR VALUES FROM ('2026-01-01') TO (MAXVALUE); INSERT INTO t "
               "SELECT i, date '2025-12-01' + i % 60 FROM generate_series(1, 1000) i"},
    }));
    const bool analyzed = GENERATE(true, false);
    const std::string workers = analyzed ? "1" : "3";
    INFO(table << ", workers: " << workers);
    Project project;
    project.psql("CREATE TABLE t " + std::string(table) + (analyzed ? "; ANALYZE t" : ""));
    add_backfill(project, R"(.table = "t", .set = "n = t.n + 1", .batch_size = 37, .workers = )" + workers,
                 rows);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(times_changed(project) == (rows == 0 ? "" : "1"));
    CHECK(noted(project, "state, rows") == "finished|" + std::to_string(rows));
}

TEST_CASE("a table without a key goes by its pages, where what is done can be told") {
    const std::string table =
        GENERATE(as<std::string>{}, "(id int, bio text)",
                 "(id int, bio text) PARTITION BY HASH (id); CREATE TABLE t0 PARTITION OF t FOR VALUES WITH "
                 "(MODULUS 2, REMAINDER 0); CREATE TABLE t1 PARTITION OF t FOR VALUES WITH (MODULUS 2, "
                 "REMAINDER 1)");
    const std::string workers = GENERATE("1", "3");
    Project project;
    project.psql("CREATE TABLE t " + table +
                 "; INSERT INTO t SELECT i, CASE WHEN i % 10 = 0 THEN 'here' END FROM generate_series(1, "
                 "10000) i; CREATE UNIQUE INDEX ON t (id) WHERE id > 0");
    SECTION("each row once") {
        add_backfill(
            project,
            R"(.table = "t", .set = "bio = 'none ' || id", .where = "bio IS NULL", .batch_size = 700, .workers = )" +
                workers,
            9000);
        const Ran ran = project.dibs({"migrate"});
        INFO(ran.out << ran.err);
        REQUIRE(ran.code == 0);
        CHECK(project.psql("SELECT bio LIKE 'none%', count(*) FROM t GROUP BY 1 ORDER BY 1") ==
              "f|1000\nt|9000");
        CHECK(noted(project, "batches > 10") == "t");
    }
    SECTION("refused where nothing says which rows are done") {
        add_backfill(project, R"(.table = "t", .set = "bio = 'none'")", 0);
        const Ran ran = project.dibs({"migrate"});
        CHECK(ran.code == 6);
        CHECK(contains(ran.err, "the table public.t has no primary key, and no other unique index on columns "
                                "that are NOT NULL, so it goes by pages"));
        CHECK(contains(ran.err, "Say in .where which rows need it, so that .set makes it false"));
    }
    SECTION("refused where the rows that are done still look as if they were not") {
        add_backfill(project, R"(.table = "t", .set = "bio = NULL", .where = "bio IS NULL")", 0);
        const Ran ran = project.dibs({"migrate"});
        CHECK(ran.code == 6);
        CHECK(
            contains(ran.err, "the rows that .set has changed still fit .where, and this table has no key"));
        CHECK(project.psql("SELECT count(DISTINCT xmin::text) FROM t") == "1");
    }
}

TEST_CASE("an index that does not have each row at one place in one direction is no key") {
    const std::string index =
        GENERATE(as<std::string>{}, "(id) WHERE id > 0", "(abs(id))", "(id, day DESC)", "(maybe)");
    Project project;
    project.psql("CREATE TABLE t (id int NOT NULL, day date NOT NULL, maybe int); CREATE UNIQUE INDEX wanted "
                 "ON t " +
                 index);
    add_backfill(project, R"(.table = "t", .set = "id = id", .key = "wanted")", 0);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "the table public.t has no index \"wanted\" by which it can be walked\n"));
    CHECK(contains(ran.err, "hint: That takes a valid, unique b-tree index on columns that are NOT NULL, "
                            "without expressions and WHERE, and with all columns ascending or all "
                            "descending."));
}

TEST_CASE("a backfill walks by the index that is named") {
    Project project;
    project.psql("CREATE TABLE t (id int PRIMARY KEY, other int NOT NULL, n int NOT NULL DEFAULT 0); CREATE "
                 "UNIQUE INDEX by_other ON t (other); INSERT INTO t (id, other) SELECT i, -i FROM "
                 "generate_series(1, 100) i");
    add_backfill(project, R"(.table = "t", .set = "n = n + 1", .key = "by_other", .batch_size = 9)", 100);
    REQUIRE(project.dibs({"migrate"}).code == 0);
    CHECK(times_changed(project) == "1");
    CHECK(noted(project, "definition") == "UPDATE public.t SET n = n + 1, by index by_other");
}

TEST_CASE("a whole statement of the author's is sent for each batch, with its bounds") {
    const auto [table, sql] = GENERATE(values<std::pair<const char*, const char*>>(
        {{"(id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO t SELECT i FROM generate_series(1, "
          "100) i",
          "UPDATE t SET n = n + 1 WHERE id BETWEEN {first} AND {last}"},
         {"(a int, b text, n int NOT NULL DEFAULT 0, PRIMARY KEY (a, b)); INSERT INTO t SELECT i % 3, "
          "'it''s {last} ' || i FROM generate_series(1, 100) i",
          "UPDATE t SET n = n + 1 WHERE (a, b) BETWEEN {first} AND {last}"}}));
    Project project;
    project.psql("CREATE TABLE t " + std::string(table));
    add_backfill(project, ".table = \"t\", .sql = \"" + std::string(sql) + "\", .batch_size = 9", 100);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    REQUIRE(ran.code == 0);
    CHECK(times_changed(project) == "1");
    CHECK(noted(project, "batches") == "12");
}

TEST_CASE("the row that has a backfill's progress does not bloat its table") {
    // A transaction of another test, in whatever database of the server, keeps PostgreSQL from clearing away
    // what has died since it began: what bloats by itself does so each time.
    int pages = 0;
    int of_index = 0;
    for (int tries = 0; tries < 5 && (tries == 0 || pages > 3 || of_index > 2); ++tries) {
        Project project;
        add_counted_rows(project, 2000);
        add_backfill(project, R"(.table = "t", .set = "n = n + 1", .batch_size = 4)", 2000);
        REQUIRE(project.dibs({"migrate"}).code == 0);
        CHECK(noted(project, "batches") == "500");
        pages = std::stoi(project.psql("SELECT pg_relation_size('_dibs_backfills') / 8192"));
        of_index = std::stoi(project.psql("SELECT pg_relation_size('_dibs_backfills_pkey') / 8192"));
    }
    CHECK(pages <= 3);
    CHECK(of_index <= 2);
}

TEST_CASE("rows that others write behind a backfill are done at its end, where .set makes .where false") {
    Project project;
    add_counted_rows(project, 100);
    // At row 50 another session, as good as any, writes rows that the walk is past already.
    project.psql("ALTER TABLE t ALTER n DROP NOT NULL, ALTER n DROP DEFAULT; UPDATE t SET n = NULL; INSERT "
                 "INTO gate VALUES (50, 'INSERT INTO t SELECT -i FROM generate_series(1, 30) i')");
    SECTION("which they are, pass by pass") {
        add_backfill(project, R"x(.table = "t", .set = "n = once(id)", .where = "n IS NULL -- not yet",
                     .batch_size = 10)x",
                     130);
        const Ran ran = project.dibs({"migrate"});
        INFO(ran.out << ran.err);
        REQUIRE(ran.code == 0);
        CHECK(times_changed(project) == "1");
        CHECK(noted(project, "rows, pass") == "130|2");
    }
    SECTION("else nothing is claimed about them") {
        add_backfill(project, R"x(.table = "t", .set = "n = once(id)", .batch_size = 10)x", 100);
        REQUIRE(project.dibs({"migrate"}).code == 0);
        CHECK(project.psql("SELECT count(*) FROM t WHERE n IS NULL") == "30");
        CHECK(noted(project, "pass") == "1");
    }
}

TEST_CASE("a trigger that takes back what a backfill sets does not make it go over the table again") {
    Project project;
    project.psql(
        "CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, bio text); INSERT INTO t SELECT "
        "generate_series(1, 50); CREATE FUNCTION takes_back() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN NEW.bio := NULL; NEW.n := OLD.n + 1; RETURN NEW; END'; CREATE TRIGGER takes_back BEFORE "
        "UPDATE ON t FOR EACH ROW EXECUTE FUNCTION takes_back()");
    add_backfill(project,
                 R"(.table = "t", .set = "bio = 'none yet'", .where = "bio IS NULL", .batch_size = 7)", 50);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(times_changed(project) == "1");
}

TEST_CASE("a backfill that would move rows along the key by which it walks is refused, and moves none") {
    Project project;
    add_counted_rows(project, 100);
    const std::string definition =
        GENERATE(as<std::string>{}, R"(.set = "id = id + 1000")", R"(.set = "n = 1, \"id\" = t.id + 1000")",
                 R"(.set = "id = id + 1000", .where = "n = 0")", R"(.set = "U&\"\\0069d\" = id + 1000")");
    add_backfill(project, R"(.table = "t", )" + definition + ", .batch_size = 10", 100);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, ".set changes the key by which the table is walked"));
    CHECK(project.psql("SELECT max(id) FROM t") == "100");
}

TEST_CASE("what is wrong about a backfill is said before it begins") {
    const auto [definition, message] = GENERATE(values<std::pair<const char*, const char*>>({
        {R"(.table = "", .set = "n = 1")", "backfill() needs .table"},
        {R"(.table = "t")", "backfill() takes either .set or .sql, or a function that does the work"},
        {R"(.table = "t", .set = "n = 1", .sql = "SELECT 1")", "backfill() takes either .set or .sql"},
        {R"(.table = "t", .sql = "UPDATE t SET n = 1")",
         ".sql has to say which rows a batch is about, by {first} and {last}"},
        {R"(.table = "t", .where = "true", .sql = "SELECT {first}, {last}")",
         "backfill() with .sql takes no .where"},
        {R"(.table = "t", .set = "n = 1", .workers = 0)", "backfill() takes 1 to 32 workers, not 0"},
        {R"(.table = "t", .set = "n = 1", .workers = 33)", "backfill() takes 1 to 32 workers, not 33"},
        {R"(.table = "t", .set = "n = 1", .batch_time = "0")", "backfill() needs a .batch_time above 0"},
        {R"(.table = "T", .set = "n = 1")", "there is no table \"T\"\n"},
        {R"(.table = "t", .set = "n = 1", .schema = "no")", "there is no table \"t\" in schema \"no\"\n"},
        {R"(.table = "v", .set = "n = 1")", "public.v is no table, and only a table can be backfilled"},
        {R"(.table = "t", .set = "n = 1", .name = "two\nlines")", "a backfill's name is one line"},
        {R"(.table = "t", .set = "n = 1", .only_while = "SELECT 1")",
         ".only_while is no query of one boolean"},
        {R"(.table = "t", .set = "n = ")", "42601: syntax error"},
        {R"(.table = "t", .set = "m = 1")", "42703: column \"m\" of relation \"t\" does not exist"},
    }));
    Project project;
    add_counted_rows(project, 5);
    project.psql("CREATE VIEW v AS SELECT * FROM t");
    add_backfill(project, definition, 0);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code >= 5);
    CHECK(contains(ran.err, message));
    CHECK(contains(ran.err, "m2026_01_01_000000_fill.cpp:"));
    CHECK(times_changed(project) == "0");
}

TEST_CASE(
    "SQL that PostgreSQL does not take is said before a backfill begins, also where there is no row yet") {
    const auto [definition, shown] = GENERATE(values<std::pair<const char*, const char*>>({
        {R"(.table = "t", .set = "m = 1")", "UPDATE public.t AS t SET m = 1"},
        {R"(.table = "t", .set = "n = 1", .where = "m IS NULL")", "WHERE (m IS NULL"},
        {R"(.table = "t", .sql = "UPDATE t SET m = 1 WHERE id BETWEEN {first} AND {last}")",
         "WHERE id BETWEEN NULL::pg_catalog.int4 AND NULL::pg_catalog.int4"},
    }));
    Project project;
    add_counted_rows(project, 0);
    add_backfill(project, definition, 0);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "42703: column \"m\""));
    CHECK(contains(ran.err, shown));
    CHECK(contains(ran.err, "^"));
    CHECK(contains(project.dibs({"backfill", "status"}).out, "No backfill has begun on "));
}

TEST_CASE("a statement of the author's may be several, which are read when they run") {
    Project project;
    add_counted_rows(project, 5);
    project.add_body(
        backfill_stem,
        R"(ctx.backfill({.table = "t", .sql = "UPDATE t SET n = n + 1 WHERE id BETWEEN {first} AND {last}; )"
        R"(SELECT {first}"});)",
        ".transaction = false");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(times_changed(project) == "1");
}

TEST_CASE("a backfill in a transaction is refused, with the option that helps") {
    Project project;
    add_counted_rows(project, 5);
    const std::string call = GENERATE(as<std::string>{}, "", ", [](const dibs::Batch&) {}");
    project.add_body(backfill_stem, "ctx.backfill({.table = \"t\"" +
                                        std::string(call.empty() ? ", .set = \"n = 1\"" : "") + "}" + call +
                                        ");");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err,
                   "a backfill commits each of its batches, and this migration runs in a transaction"));
    CHECK(contains(ran.err, "DIBS_MIGRATION(.transaction = false)"));
    CHECK(times_changed(project) == "0");
}

TEST_CASE("the tutorial's loop works in every migration, and UPDATE with LIMIT is told what does") {
    const std::string options = GENERATE(as<std::string>{}, "", ".transaction = false");
    Project project;
    add_counted_rows(project, 2500);
    SECTION("in batches of a subquery") {
        project.add_body(backfill_stem,
                         "while (ctx.execute(\"UPDATE t SET n = 1 WHERE id IN (SELECT id FROM t WHERE n = 0 "
                         "LIMIT 1000)\") > 0) {}",
                         options);
        REQUIRE(project.dibs({"migrate"}).code == 0);
        CHECK(times_changed(project) == "1");
    }
    SECTION("as UPDATE ... LIMIT") {
        project.add_body(backfill_stem, "ctx.execute(\"UPDATE t SET n = 1 WHERE n = 0 LIMIT 1000\");",
                         options);
        const Ran ran = project.dibs({"migrate"});
        INFO(ran.err);
        CHECK(contains(ran.err, "ctx.backfill("));
        CHECK(times_changed(project) == "0");
    }
}
