#include <algorithm>

#include "database/connection.hpp"
#include "migration/backfill/walk.hpp"
#include "support/server.hpp"

using dibs::database::Connection;
using dibs::migration::BackfillTable;
using dibs::migration::PageWalk;
using dibs::tests::Database;

namespace {

std::string text(Connection& connection, const std::string& sql) {
    return std::string(connection.script(sql).or_throw().results.back().text(0, 0));
}

} // namespace

TEST_CASE("the ranges of pages have each row once, in the form for PostgreSQL 13 as well") {
    const Database database;
    Connection connection(database.conninfo(), "test");
    // Short rows, as many to a page as there can be; holes; rows that have moved to the end.
    connection
        .script("CREATE TABLE t AS SELECT (i % 100)::\"char\" AS c FROM generate_series(1, 5000) i; DELETE "
                "FROM t "
                "WHERE ctid IN (SELECT ctid FROM t LIMIT 300 OFFSET 400); UPDATE t SET c = 'x' WHERE ctid < "
                "'(1,0)'")
        .or_throw();
    BackfillTable table;
    table.quoted = "public.t";
    table.name = "t";
    const int version = GENERATE(130000, 140000);
    const PageWalk walk(table, version, 226);
    const int pages = std::stoi(text(connection, "SELECT pg_relation_size('t') / 8192"));
    REQUIRE(pages > 5);
    const int step = GENERATE(1, 4, 1000);
    int rows = 0;
    for (int from = 0; from < pages; from += step) {
        const int to = std::min(from + step, pages);
        const dibs::migration::Position begin =
            from == 0 ? dibs::migration::Position{} : dibs::migration::Position{std::to_string(from)};
        const std::string condition = walk.condition(connection, begin, {std::to_string(to)});
        rows += std::stoi(text(connection, "SELECT count(*) FROM ONLY t WHERE " + condition));
        const std::string probe =
            text(connection, "SELECT count(*) FROM (" +
                                 walk.probe(connection, "t", begin, {std::to_string(pages)},
                                            static_cast<std::int64_t>(226) * step) +
                                 ") AS p");
        CHECK(probe == (from + step < pages ? "1" : "0"));
    }
    CHECK(rows == 4700);
}
