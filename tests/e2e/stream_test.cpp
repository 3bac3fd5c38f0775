#include <csignal>

#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::process::Child;
using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;

namespace {

/// What the bodies below say when something is not as it must be; and what the server has open.
const char* const words = R"(
    const auto expect = [](bool holds, const char* what) {
        if (!holds) throw dibs::Error(what);
    };
    const auto cursors = [&] {
        return ctx.query("SELECT count(*) FROM pg_cursors WHERE name LIKE 'dibs%'").one().get<int>(0);
    };
    (void)expect; (void)cursors;
)";

const char* const no_transaction = ".transaction = false";

void runs(const std::string& body, std::string_view options = "", bool in_process = false) {
    Project project;
    project.add_body("m2026_01_01_000000_checks", words + body, options);
    const Ran ran = project.dibs(in_process ? std::vector<std::string>{"migrate", "--in-process"}
                                            : std::vector<std::string>{"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
}

/// Runs a body that must fail, and gives what was printed on standard error.
std::string fails(const std::string& body, std::string_view options = "") {
    Project project;
    project.add_body("m2026_01_01_000000_fails", words + body, options);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == (options.empty() ? 5 : 6));
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    return ran.err;
}

} // namespace

TEST_CASE("a stream gives every row once and in order, typed as query does, and is closed at its end") {
    const auto [options, in_process] = GENERATE(
        table<std::string, bool>({{"", false}, {no_transaction, false}, {"", true}, {no_transaction, true}}));
    runs(R"cpp(
    int expected = 0;
    for (const auto row : ctx.stream("SELECT i, 'name ' || i AS name, nullif(i % 2, 0) AS odd FROM "
                                     "generate_series(1, $1::int) AS i", 25000)) {
        expect(row.get<int>("i") == ++expected, "in order");
        expect(row.get<std::string>(1) == "name " + std::to_string(expected), "text, by index");
        expect(row.is_null("odd") == (expected % 2 == 0), "NULL");
        expect(row.get<std::optional<int>>("odd").value_or(0) == expected % 2, "optional");
    }
    expect(expected == 25000, "all of them");
    expect(cursors() == 0, "closed");
    )cpp",
         options, in_process);
}

TEST_CASE("while a stream is open, ctx works, for other streams as well") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    runs(R"cpp(
    ctx.execute("CREATE TABLE t (i int, j int)");
    int inner = 0;
    for (const auto row : ctx.stream("SELECT i FROM generate_series(1, 50) AS i")) {
        for (const auto other : ctx.stream("SELECT j FROM generate_series(1, 20) AS j WHERE j <= $1", row.get<int>("i"))) {
            inner += 1;
            ctx.execute("INSERT INTO t VALUES ($1, $2)", row.get<int>("i"), other.get<int>("j"));
        }
        expect(ctx.query("SELECT count(*) FROM t").one().get<int>(0) == inner, "query");
    }
    expect(inner == 50 * 20 - 190, "all pairs");
    int met = 0;
    for (const auto row : ctx.stream("SELECT i FROM t")) {
        ctx.execute("INSERT INTO t VALUES ($1, 0)", row.get<int>("i"));
        ++met;
    }
    expect(met == inner, "what the loop adds, it does not meet");
    expect(cursors() == 0, "closed");
    )cpp",
         options);
}

TEST_CASE("leaving the loop closes the stream, by break and by an exception") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    runs(R"cpp(
    for (const auto row : ctx.stream("SELECT i FROM generate_series(1, 100000) AS i"))
        if (row.get<int>("i") == 1000) {
            expect(cursors() == 1, "open");
            break;
        }
    expect(cursors() == 0, "closed by break");
    try {
        for (const auto row : ctx.stream("SELECT i FROM generate_series(1, 100000) AS i"))
            if (row.get<int>("i") == 20) throw 7;
    } catch (int thrown) {
        expect(thrown == 7, "the exception went through");
    }
    expect(cursors() == 0, "closed by the exception");
    { const auto never_read = ctx.stream("SELECT 1"); expect(cursors() == 1, "open before it is read"); }
    expect(cursors() == 0, "closed without having been read");
    auto left = ctx.stream("SELECT i FROM generate_series(1, 100) AS i");
    for (const auto row : left)
        if (row.get<int>("i") == 40) break;
    int next = 40;
    for (const auto row : left)
        expect(row.get<int>("i") == next++, "it goes on where the loop was left");
    expect(next == 101, "to its end");
    for (const auto row : left) { (void)row; expect(false, "and then gives nothing"); }
    )cpp",
         options);
}

TEST_CASE("a row that is kept stays what it was") {
    runs(R"cpp(
    std::vector<dibs::StreamedRow> kept;
    {
        auto rows = ctx.stream("SELECT i, repeat('x', 1000) || i AS t FROM generate_series(1, 5000) AS i");
        for (const auto row : rows)
            if (row.get<int>("i") % 1000 == 0) kept.push_back(row);
        auto moved = std::move(rows);
        for (const auto row : moved) { (void)row; expect(false, "it was at its end"); }
    }
    kept.erase(kept.begin());
    expect(kept.size() == 4, "four");
    expect(kept[0].get<int>("i") == 2000 && kept[3].get<std::string>("t") == std::string(1000, 'x') + "5000", "the same");
    )cpp");
}

TEST_CASE("an empty result, rows without columns and rows of 10 MB can be streamed") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    runs(R"cpp(
    for (const auto row : ctx.stream("SELECT 1 WHERE false")) { (void)row; expect(false, "no row"); }
    int rows = 0;
    for (const auto row : ctx.stream("SELECT FROM generate_series(1, 300)")) { (void)row; ++rows; }
    expect(rows == 300, "rows without columns");
    std::size_t bytes = 0;
    for (const auto row : ctx.stream("SELECT repeat(i::text, 10000000) AS wide FROM generate_series(1, 4) AS i"))
        bytes += row.get<std::string_view>("wide").size();
    expect(bytes == 40000000, "wide rows");
    expect(cursors() == 0, "closed");
    )cpp",
         options);
}

TEST_CASE(
    "an error in a stream names the SQL, the line and the server's reason, when it comes late as well") {
    const std::string body = "for (const auto row : ctx.stream(\n"
                             "    \"SELECT 1 / (5000 - i) AS x FROM generate_series(1, 10000) AS i\"))\n"
                             "    (void)row;";
    const std::string err = fails(body);
    CHECK(contains(err, "division by zero"));
    CHECK(contains(err, "SELECT 1 / (5000 - i) AS x"));
    CHECK_FALSE(contains(err, "FETCH"));
    CHECK(contains(err, "m2026_01_01_000000_fails.cpp:23"));
    CHECK(contains(fails(body, no_transaction), "division by zero"));
}

TEST_CASE("an error in the SQL of a stream is pointed at in the SQL as it was written") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    const std::string err =
        fails("(void)ctx.stream(\"SELECT 1, missing FROM generate_series(1, 2)\");", options);
    CHECK(contains(err, "column \"missing\" does not exist"));
    CHECK_FALSE(contains(err, "DECLARE"));
    runs(R"cpp(
    try {
        (void)ctx.stream("SELECT 1, missing FROM t");
        expect(false, "it must throw");
    } catch (const dibs::Error& error) {
        expect(error.position() == 24, "the place of `t`");
        expect(error.sql() == "SELECT 1, missing FROM t", "the SQL as it was written");
    }
    ctx.execute("CREATE TABLE t ()");
    )cpp",
         no_transaction);
}

TEST_CASE("a caught error of a stream in a savepoint leaves the migration usable") {
    runs(R"cpp(
    int seen = 0;
    for (const auto outer : ctx.stream("SELECT i FROM generate_series(1, 100) AS i")) {
        try {
            ctx.savepoint([&] {
                for (const auto row : ctx.stream("SELECT 1 / ($1 - i) FROM generate_series(1, 200) AS i", outer.get<int>("i") + 50))
                    (void)row;
            });
        } catch (const dibs::Error& error) {
            expect(error.sqlstate() == "22012", "division by zero");
            ++seen;
        }
    }
    expect(seen == 100, "each was caught, and the outer stream went on");
    )cpp");
}

TEST_CASE("a stream that outlives its savepoint or transaction ends in a clear error, and does no harm") {
    CHECK(contains(fails(R"cpp(
    std::optional<dibs::Stream> kept;
    try {
        ctx.savepoint([&] { kept.emplace(ctx.stream("SELECT generate_series(1, 10)")); throw 1; });
    } catch (int) {}
    for (const auto row : *kept) (void)row;
    )cpp"),
                   "A stream ends with the transaction, or the savepoint, that it was opened in"));
    runs(R"cpp(
    std::optional<dibs::Stream> kept;
    try {
        ctx.savepoint([&] { kept.emplace(ctx.stream("SELECT generate_series(1, 10)")); throw 1; });
    } catch (int) {}
    kept.reset();
    ctx.execute("CREATE TABLE goes_on ()");
    )cpp");
    runs(R"cpp(
    ctx.execute("BEGIN");
    auto kept = ctx.stream("SELECT generate_series(1, 10)");
    for (const auto row : kept) { (void)row; break; }
    ctx.execute("COMMIT");
    try {
        for (const auto row : kept) (void)row;
        expect(false, "it must throw");
    } catch (const dibs::Error& error) {
        expect(error.sqlstate() == "34000", "invalid_cursor_name");
    }
    )cpp",
         no_transaction);
}

TEST_CASE("a stream takes queries only, and says what to use for the rest") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    const std::string table = "ctx.execute(\"CREATE TABLE t (i int)\");";
    const auto refused = [&](const std::string& sql) {
        return fails(table + "(void)ctx.stream(\"" + sql + "\");", options);
    };
    CHECK(contains(refused("INSERT INTO t VALUES (1) RETURNING i"),
                   "stream() was given what is no query (INSERT)"));
    CHECK(contains(refused("INSERT INTO t VALUES (1) RETURNING i"), "comes from query(), all in memory"));
    CHECK(contains(refused(""), "stream() was given what is no query"));
    CHECK(contains(refused("SELECT 1; SELECT 2"), "multiple commands"));
    CHECK(contains(refused("WITH a AS (INSERT INTO t VALUES (1) RETURNING i) SELECT * FROM a"),
                   "A query that changes data cannot be streamed"));
}

TEST_CASE("a stream locks rows in a transaction, and says why it cannot outside of one") {
    const std::string body =
        "ctx.execute(\"CREATE TABLE t (i int); INSERT INTO t SELECT generate_series(1, 20)\");\n"
        "for (const auto row : ctx.stream(\"SELECT i FROM t FOR UPDATE\")) (void)row;";
    runs(body);
    CHECK(contains(fails(body, no_transaction), "or leave FOR UPDATE out"));
}

TEST_CASE("what is wrong with reading a stream's row is said with the row's number in the whole") {
    const std::string err = fails("for (const auto row : ctx.stream(\"SELECT nullif(i, 1235) AS n FROM "
                                  "generate_series(1, 2000) AS i\")) (void)row.get<int>(\"n\");");
    CHECK(contains(err, "column \"n\" is NULL in row 1234, and std::int32_t cannot hold that"));
}

TEST_CASE("a stream that a migration leaves open is gone for the next one") {
    Project project;
    project.add_bodies(
        {{"m2026_01_01_000000_leaves",
          "static auto* const left = new auto(ctx.stream(\"SELECT generate_series(1, 10)\")); (void)left;"},
         {"m2026_01_02_000000_sees",
          "if (ctx.query(\"SELECT FROM pg_cursors WHERE name LIKE 'dibs%'\").size() != 0) throw 1;"}});
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
}

TEST_CASE("a signal ends a migration that waits for a stream's rows") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    Project project;
    project.add_body(
        "m2026_01_01_000000_waits",
        "for (const auto row : ctx.stream(\"SELECT i, pg_sleep(CASE WHEN i > 20 THEN 60 ELSE 0 END) FROM "
        "generate_series(1, 100) AS i\")) (void)row;",
        options);
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&] {
        return project.psql(
                   "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event "
                   "= 'PgSleep'") == "1";
    }));
    kill(run.pid(), SIGINT);
    CHECK(run.wait().code == 130);
    CHECK(contains(project.read("run.err"), "interrupted (SIGINT)"));
    CHECK(contains(project.read("run.err"), "SELECT i, pg_sleep"));
    CHECK(project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                       "pg_backend_pid() AND backend_type = 'client backend'") == "0");
}
