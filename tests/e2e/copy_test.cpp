#include <chrono>
#include <csignal>

#include "support/project.hpp"
#include "support/scratch_server.hpp"
#include "support/text.hpp"

using dibs::process::Child;
using dibs::tests::contains;
using dibs::tests::eventually;
using dibs::tests::Project;
using dibs::tests::Ran;
using dibs::tests::unseen;

namespace {

const char* const no_transaction = ".transaction = false";

/// In front of each migration.
const char* const words = R"cpp(
#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <unistd.h>

#include <dibs/context.hpp>

static void expect(bool holds, const char* what) {
    if (!holds) throw dibs::Error(what);
}

// So that the rows need not be in memory: makes one when it is asked for.
template <class Make>
auto lazily(int count, Make make) {
    return std::views::iota(0, count) | std::views::transform(make);
}

static auto rows_in_chunks(int count) { // 1 KiB each
    return lazily(count, [](int i) { return std::tuple(i, std::string(1000, 'x')); });
}

static std::int64_t count(dibs::MigrationContext& ctx) {
    return ctx.query("SELECT count(*) FROM t").one().get<std::int64_t>(0);
}

static void (*const used[])() = {reinterpret_cast<void (*)()>(expect), reinterpret_cast<void (*)()>(count),
                                 reinterpret_cast<void (*)()>(rows_in_chunks)};
)cpp";

void add(Project& project, const std::string& body, std::string_view options) {
    project.add("m2026_01_01_000000_copies",
                words + dibs::tests::source_around("(void)used;\n" + body, options));
}

/// @return the project, for what is in its database now
void runs(const std::string& body, std::string_view options = "", bool in_process = false) {
    Project project;
    add(project, body, options);
    const Ran ran = project.dibs(in_process ? std::vector<std::string>{"migrate", "--in-process"}
                                            : std::vector<std::string>{"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "1");
}

/// Runs a body that must fail, on a table t that is there before. @return what was printed on standard error
std::string fails(const std::string& body, std::string_view options = "") {
    Project project;
    project.psql("CREATE TABLE t (i int PRIMARY KEY, s text)");
    add(project, body, options);
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.out << ran.err);
    CHECK(ran.code == (contains(ran.err, "rolled back") ? 5 : 6));
    CHECK(project.psql("SELECT count(*) FROM t") == "0");
    CHECK(project.psql("SELECT count(*) FROM _dibs_migrations") == "0");
    return ran.err;
}

} // namespace

TEST_CASE("copy_in writes tuples, pairs, arrays, containers and single values") {
    const auto [options, in_process] = GENERATE(
        table<std::string, bool>({{"", false}, {no_transaction, false}, {"", true}, {no_transaction, true}}));
    runs(R"cpp(
    ctx.execute("CREATE TABLE t (i int, s text)");
    expect(ctx.copy_in("t", {"i", "s"}, std::vector<std::tuple<int, std::string>>{{1, "a"}, {2, "b"}}) == 2, "tuples");
    expect(ctx.copy_in("t", {"s", "i"}, std::map<std::string, int>{{"c", 3}, {"d", 4}}) == 2, "pairs");
    expect(ctx.copy_in("t", {"i", "s"}, std::vector<std::array<std::string, 2>>{{"5", "e"}}) == 1, "arrays");
    expect(ctx.copy_in("t", {"i", "s"}, std::list<std::vector<const char*>>{{"6", "f"}, {"7", nullptr}}) == 2, "containers");
    const int two[2][2] = {{8, 80}, {9, 90}};
    expect(ctx.copy_in("t", {"i", "s"}, two) == 2, "arrays of C");
    expect(ctx.copy_in("t", {"i"}, std::vector<int>{10, 11}) == 2, "values");
    expect(ctx.copy_in("t", {"s"}, std::vector<std::string>{"", "\\."}) == 2, "texts");
    expect(ctx.copy_in("t", {"i"}, std::vector<int>()) == 0, "nothing");
    const auto rows = ctx.query("SELECT array_agg(coalesce(i, 0) || coalesce(s, '-') ORDER BY i, s) FROM t");
    expect(rows.one().get<std::string>(0) == R"({1a,2b,3c,4d,5e,6f,7-,880,990,10-,11-,0,"0\\."})", "all of it");
    )cpp",
         options, in_process);
}

TEST_CASE("copy_in writes every kind of value as the value that it was, and odd texts as they are") {
    runs(R"cpp(
    ctx.execute("CREATE TABLE v (i2 smallint, u bigint, f4 real, f8 double precision, b boolean, t text, y bytea, n integer, "
                "o integer, a bigint[], s text[], m integer[], j jsonb, d date)");
    const std::vector<std::byte> bytes{std::byte{0}, std::byte{255}, std::byte{'\\'}, std::byte{'\n'}};
    const std::vector<std::optional<std::string>> texts{"a,b", "say \"hi\"", "back\\slash", "", "NULL", std::nullopt, "\t\n", "ü €"};
    const std::vector<std::vector<int>> matrix{{1, 2}, {3, 4}};
    const std::string odd = "tab\t newline\n return\r\n back\\slash \\N \\. \\x41 'quote' \" ü € \x01\x7f end\\";
    expect(ctx.copy_in("v", {"i2", "u", "f4", "f8", "b", "t", "y", "n", "o", "a", "s", "m", "j", "d"},
                       std::vector{std::tuple(std::int16_t{-32768}, 18u, 0.1f, 0.1, true, odd, bytes, nullptr,
                                              std::optional<int>(), std::vector<std::int64_t>{1, -2}, texts, matrix,
                                              R"({"k": "\n"})", std::string_view("2026-02-28"))}) == 1, "one");
    const auto row = ctx.query("SELECT * FROM v").one();
    expect(row.get<std::int16_t>("i2") == -32768 && row.get<std::uint32_t>("u") == 18, "integers");
    expect(row.get<float>("f4") == 0.1f && row.get<double>("f8") == 0.1 && row.get<bool>("b"), "numbers");
    expect(row.get<std::string>("t") == odd, "text");
    expect(row.get<std::vector<std::byte>>("y") == bytes, "bytea");
    expect(row.is_null("n") && row.is_null("o"), "NULL");
    expect(row.get<std::vector<std::int64_t>>("a") == std::vector<std::int64_t>{1, -2}, "bigint[]");
    expect(row.get<std::vector<std::optional<std::string>>>("s") == texts, "text[]");
    expect(row.get<std::string>("m") == "{{1,2},{3,4}}", "two dimensions");
    expect(row.get<std::string>("j") == R"({"k": "\n"})" && row.get<std::string>("d") == "2026-02-28", "jsonb, date");
    ctx.execute("CREATE TABLE odd (t text)");
    const std::vector<std::string> alone{"", "\\.", "\\N", "\\", "\n", "\r", "\t", "N", "."};
    ctx.copy_in("odd", {"t"}, alone);
    std::vector<std::string> back;
    for (const auto each : ctx.query("SELECT t FROM odd ORDER BY ctid")) back.push_back(each.get<std::string>(0));
    expect(back == alone, "each alone on its line");
    )cpp");
}

TEST_CASE("names of tables, schemas and columns are names as they are") {
    runs(R"cpp(
    ctx.execute("CREATE SCHEMA \"My Schema\"; CREATE TABLE \"My Schema\".\"T 7\"\"\" (\"a \"\"b\" int); CREATE TABLE \"My Schema\".t (i int)");
    expect(ctx.copy_in({.table = "T 7\"", .schema = "My Schema"}, {"a \"b"}, std::vector<int>{1}) == 1, "quoted");
    ctx.execute("SET search_path = \"My Schema\"");
    expect(ctx.copy_in("t", {"i"}, std::vector<int>{1, 2}) == 2, "found along the search path");
    )cpp");
    CHECK(contains(fails("ctx.copy_in(\"public.t\", {\"i\"}, std::vector<int>{1});"),
                   "relation \"public.t\" does not exist"));
    CHECK(contains(fails("ctx.copy_in(\"missing\", {\"i\"}, std::vector<int>());"),
                   "relation \"missing\" does not exist"));
    const std::string err = fails("ctx.copy_in(\"t\", {\"x\"}, std::vector<int>{1});");
    CHECK(contains(err, "column \"x\" of relation \"t\" does not exist"));
    CHECK(contains(err, "COPY \"t\" (\"x\") FROM STDIN"));
    CHECK(contains(err, "m2026_01_01_000000_copies.cpp:"));
}

TEST_CASE("copy_in takes a stream that is transformed, and rows that call ctx while they are made") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    runs(R"cpp(
    ctx.execute("CREATE TABLE s AS SELECT i, repeat('y', 300) AS s FROM generate_series(1, 20000) AS i; "
                "CREATE TABLE t (i int, s text); CREATE TABLE seen (i int)");
    auto stream = ctx.stream("SELECT i, s FROM s ORDER BY i");
    const auto written = ctx.copy_in("t", {"i", "s"}, stream | std::views::transform([&](const dibs::StreamedRow& row) {
        if (row.get<int>("i") % 5000 == 0) ctx.execute("INSERT INTO seen VALUES ($1)", row.get<int>("i"));
        return std::tuple(-row.get<int>("i"), row.get<std::string_view>("s"));
    }));
    expect(written == 20000 && count(ctx) == 20000, "all of them");
    expect(ctx.query("SELECT sum(i) FROM t").one().get<std::string>(0) == "-200010000", "each once");
    expect(ctx.query("SELECT count(*) FROM seen").one().get<int>(0) == 4, "what the range has done");
    expect(ctx.copy_in("t", {"i"}, ctx.stream("SELECT i FROM s LIMIT 3") | std::views::transform([&](const auto& row) {
        return ctx.copy_in("seen", {"i"}, std::vector<int>{row.template get<int>("i")});
    })) == 3, "one in another");
    expect(ctx.query("SELECT count(*) FROM seen").one().get<int>(0) == 7, "and the inner ones");
    )cpp",
         options);
}

TEST_CASE(
    "an error after megabytes leaves nothing of the call, names the row, and lets the migration go on") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    runs(R"cpp(
    ctx.execute("CREATE TABLE t (i int PRIMARY KEY, s text)");
    ctx.execute("INSERT INTO t VALUES (3210, 'there'), (-1, 'before')");
    try {
        ctx.copy_in("t", {"i", "s"}, rows_in_chunks(5000));
        expect(false, "it must throw");
    } catch (const dibs::Error& error) {
        expect(error.sqlstate() == "23505" && error.constraint() == "t_pkey", "unique_violation");
        expect(error.context() == "COPY t, line 3211", "the row, counted from 1 over all chunks");
        expect(error.sql() == "COPY \"t\" (\"i\", \"s\") FROM STDIN" && error.line() > 0, "what was sent, and from where");
    }
    expect(count(ctx) == 2, "nothing of it");
    expect(ctx.copy_in("t", {"i", "s"}, rows_in_chunks(3000)) == 3000 && count(ctx) == 3002, "it goes on");
    )cpp",
         options);
    const std::string err =
        fails("ctx.copy_in(\"t\", {\"i\", \"s\"}, lazily(5000, [](int i) { return std::tuple("
              "i == 4321 ? \"x\" : std::to_string(i), std::string(1000, 'y')); }));",
              options);
    CHECK(contains(err, "invalid input syntax for type integer: \"x\""));
    CHECK(contains(err, "COPY t, line 4322, column i: \"x\""));
}

TEST_CASE("an exception of the rows goes through as it is, and undoes what was copied and done meanwhile") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    runs(R"cpp(
    ctx.execute("CREATE TABLE t (i int, s text)");
    try {
        ctx.copy_in("t", {"i", "s"}, lazily(5000, [&](int i) {
            if (i == 0) ctx.execute("INSERT INTO t VALUES (0, 'by the range')");
            if (i == 4000) throw std::out_of_range("mine");
            return std::tuple(i, std::string(1000, 'x'));
        }));
        expect(false, "it must throw");
    } catch (const std::out_of_range& mine) {
        expect(mine.what() == std::string("mine"), "the same");
    }
    expect(count(ctx) == 0, "nothing of it");
    ctx.execute("INSERT INTO t VALUES (1, 'goes on')");
    )cpp",
         options);
}

TEST_CASE("a row with another number of values, or with a NUL in it, is refused by its number") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    CHECK(contains(fails("ctx.copy_in(\"t\", {\"i\", \"s\"}, lazily(3000, [](int i) { return "
                         "std::vector<std::string>(i == 2500 ? 3 : 2, std::to_string(i)); }));",
                         options),
                   "row 2501 has 3 values, and copy_in() was given 2 columns"));
    CHECK(contains(fails("ctx.copy_in(\"t\", {\"i\"}, std::vector<std::vector<int>>{{1}, {}});", options),
                   "row 2 has 0 values, and copy_in() was given 1 column"));
    CHECK(
        contains(fails("ctx.copy_in(\"t\", {\"s\"}, std::vector<std::string>{\"a\", std::string(1, '\\0')});",
                       options),
                 "the value for column \"s\" in row 2 has a NUL character"));
}

TEST_CASE("in a transaction that a migration has begun itself, copy_in is part of it") {
    runs(R"cpp(
    ctx.execute("CREATE TABLE t (i int PRIMARY KEY)");
    ctx.execute("BEGIN");
    ctx.execute("INSERT INTO t VALUES (1)");
    ctx.copy_in("t", {"i"}, std::vector<int>{2, 3});
    try { ctx.copy_in("t", {"i"}, std::vector<int>{4, 1}); } catch (const dibs::Error&) {}
    expect(count(ctx) == 3, "the failed one alone is undone");
    ctx.execute("ROLLBACK");
    expect(count(ctx) == 0, "all of it");
    )cpp",
         no_transaction);
}

TEST_CASE("rows that end the transaction they are copied in are found out") {
    CHECK(contains(
        fails("ctx.copy_in(\"t\", {\"i\"}, lazily(3, [&](int i) { if (i == 2) ctx.execute(\"COMMIT\"); "
              "return i; }));",
              no_transaction),
        "what gives copy_in() its rows has ended its transaction"));
    CHECK(contains(fails("ctx.copy_in(\"t\", {\"i\"}, lazily(3, [&](int i) { if (i == 2) ctx.execute(\"" +
                         unseen +
                         "COMMIT\"); "
                         "return i; }));"),
                   "the migration ended its own transaction"));
    CHECK(contains(fails("ctx.copy_in(\"t\", {\"i\"}, lazily(3, [&](int i) { try { if (i == 2) "
                         "ctx.execute(\"SELEKT\"); } catch (const dibs::Error&) {} return i; }));",
                         no_transaction),
                   "current transaction is aborted"));
}

TEST_CASE("a deferred constraint that fails at the end of copy_in's own transaction is its error") {
    Project project;
    project.psql("CREATE TABLE t (i int UNIQUE DEFERRABLE INITIALLY DEFERRED)");
    add(project, "ctx.copy_in(\"t\", {\"i\"}, std::vector<int>{1, 1});", no_transaction);
    const Ran ran = project.dibs({"migrate"});
    CHECK(ran.code == 6);
    CHECK(contains(ran.err, "duplicate key value violates unique constraint"));
    CHECK(project.psql("SELECT count(*) FROM t") == "0");
}

TEST_CASE("a worker that dies while it copies leaves nothing, and no session") {
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    CHECK(contains(
        fails("ctx.copy_in(\"t\", {\"i\", \"s\"}, lazily(5000, [](int i) { if (i == 4000) kill(getpid(), 9); "
              "return std::tuple(i, std::string(1000, 'x')); }));",
              options),
        "signal 9"));
    Project project;
    project.psql("CREATE TABLE t (i int PRIMARY KEY, s text)");
    add(project,
        "ctx.copy_in(\"t\", {\"i\", \"s\"}, lazily(5000, [](int i) { if (i == 4000) kill(getppid(), 9); "
        "return std::tuple(i, std::string(1000, 'x')); }));",
        options);
    CHECK(project.dibs({"migrate"}).code == -1);
    CHECK(eventually([&] {
        return project.psql(
                   "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                   "pg_backend_pid() AND backend_type = 'client backend'") == "0";
    }));
    CHECK(project.psql("SELECT count(*) FROM t") == "0");
}

TEST_CASE("the migration in docs/rows.md does what it is shown for") {
    Project project;
    const std::string page = project.read(DIBS_TEST_SOURCES "/../docs/rows.md");
    const std::size_t begin = page.find("```cpp\n") + 7;
    project.add("m2026_01_01_000000_domains", page.substr(begin, page.find("```", begin) - begin));
    project.psql(
        "CREATE TABLE users (id bigint, email text); "
        "INSERT INTO users VALUES (1, 'a@one.example'), (2, NULL), (3, 'b@c@two.example'), (4, 'none')");
    const Ran ran = project.dibs({"migrate"});
    INFO(ran.err);
    CHECK(ran.code == 0);
    CHECK(project.psql("SELECT * FROM user_domains ORDER BY 1") == "1|one.example\n3|two.example");
}

TEST_CASE("the time limit of a migration ends a copy and a stream") {
    const std::string body = GENERATE(
        as<std::string>{}, "ctx.copy_in(\"t\", {\"i\"}, lazily(2000000000, [](int i) { return i; }));",
        "for (const auto row : ctx.stream(\"SELECT i, pg_sleep(0.01) FROM generate_series(1, 100000) AS "
        "i\")) "
        "(void)row;");
    Project project;
    project.psql("CREATE TABLE t (i int)");
    add(project, body, "");
    const Ran ran = project.dibs({"migrate", "--migration-timeout", "1s"});
    INFO(ran.err);
    CHECK(ran.code == 5);
    CHECK(contains(ran.err, "it took longer than the migration_timeout of 1000 ms"));
    CHECK(project.psql("SELECT count(*) FROM t") == "0");
}

TEST_CASE("a signal ends a copy, whether the server or the migration takes its time") {
    const auto [body, state] = GENERATE(table<std::string, std::string>(
        {{"ctx.copy_in(\"slow\", {\"i\"}, lazily(1000000, [](int i) { return i; }));",
          "wait_event = 'PgSleep'"},
         {"ctx.copy_in(\"t\", {\"i\"}, lazily(2000000000, [](int i) { if (i > 1000000) for (;;) {} return i; "
          "}));",
          "state = 'idle in transaction'"}}));
    const std::string options = GENERATE(as<std::string>{}, "", no_transaction);
    Project project;
    project.psql(
        "CREATE TABLE t (i int); CREATE TABLE slow (i int); CREATE FUNCTION slow() RETURNS trigger LANGUAGE "
        "plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$; CREATE TRIGGER slow BEFORE INSERT ON "
        "slow FOR EACH ROW EXECUTE FUNCTION slow()");
    add(project, body, options);
    Child run = project.start({"migrate"}, "run");
    REQUIRE(eventually([&, &state = state] {
        return project.psql(
                   "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                   "pg_backend_pid() AND query LIKE 'COPY%' AND " +
                   state) == "1";
    }));
    const auto signalled = std::chrono::steady_clock::now();
    kill(run.pid(), SIGINT);
    CHECK(run.wait().code == 130);
    CHECK(std::chrono::steady_clock::now() - signalled < std::chrono::seconds(2));
    CHECK(contains(project.read("run.err"), "interrupted (SIGINT)"));
    CHECK(project.psql("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
                       "pg_backend_pid() AND backend_type = 'client backend'") == "0");
    CHECK(project.psql("SELECT (SELECT count(*) FROM t) + (SELECT count(*) FROM slow)") == "0");
}
