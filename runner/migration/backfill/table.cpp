#include "migration/backfill/table.hpp"

#include <fmt/format.h>

#include "migration/backfill/refuse.hpp"
#include "migration/hints.hpp"

namespace dibs::migration {
namespace {

using database::Result;
using database::Statement;
using worker::Call;

Result ask(database::Connection& connection, Statement statement, const Call& where) {
    database::Outcome outcome = connection.pipeline({&statement, 1});
    if (!outcome.error)
        return std::move(outcome.results.front());
    Call call = where;
    call.sql.clear();
    throw worker::CallError(failure_of(*outcome.error, call));
}

/// Unique, valid, on columns that are never null, and in one direction: only such an index has each row at
/// one place, and finds a range of rows by comparing whole keys.
const char* const indexes_question =
    "SELECT ic.relname, k.n, pg_catalog.quote_ident(a.attname), pg_catalog.format('%I.%I', tn.nspname, "
    "t.typname), CASE WHEN i.indcollation[k.n - 1] <> a.attcollation THEN pg_catalog.format(' COLLATE "
    "%I.%I', "
    "cn.nspname, co.collname) ELSE '' END, "
    "(SELECT pg_catalog.string_agg(pg_catalog.format('%I.%s', n.nspname, o.oprname), ' ' ORDER BY "
    "m.amopstrategy) FROM pg_catalog.pg_amop m JOIN pg_catalog.pg_operator o ON o.oid = m.amopopr JOIN "
    "pg_catalog.pg_namespace n ON n.oid = o.oprnamespace WHERE m.amopfamily = c.opcfamily AND m.amoplefttype "
    "= c.opcintype AND m.amoprighttype = c.opcintype) "
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_am "
    "am "
    "ON am.oid = ic.relam CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnkeyatts) k(n) JOIN "
    "pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n - 1] JOIN "
    "pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace "
    "JOIN pg_catalog.pg_opclass c ON c.oid = i.indclass[k.n - 1] LEFT JOIN pg_catalog.pg_collation co ON "
    "co.oid = i.indcollation[k.n - 1] LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
    "WHERE i.indrelid = $1::pg_catalog.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND "
    "i.indexprs IS NULL AND am.amname = 'btree' AND ($2 = '' OR ic.relname = $2) "
    "AND NOT EXISTS (SELECT FROM pg_catalog.generate_series(1, i.indnkeyatts) e(n) LEFT JOIN "
    "pg_catalog.pg_attribute b ON b.attrelid = i.indrelid AND b.attnum = i.indkey[e.n - 1] WHERE "
    "b.attnotnull "
    "IS NOT TRUE OR (i.indoption[e.n - 1] & 1) <> (i.indoption[0] & 1)) "
    "ORDER BY i.indisprimary DESC, i.indnkeyatts, ic.relname, k.n";

void find_key(database::Connection& connection, const std::string& wanted, BackfillTable& table,
              const Call& where) {
    // Its operators are found along the search path, which the migration may have set.
    const Result answer = ask(connection, {indexes_question, {table.oid, wanted}}, where);
    for (std::size_t row = 0; row < answer.rows(); ++row) {
        if (table.index.empty())
            table.index = answer.text(row, 0);
        if (answer.text(row, 0) != table.index)
            break;
        KeyColumn column;
        column.quoted = answer.text(row, 2);
        column.name = table.name + "." + column.quoted;
        column.type = answer.text(row, 3);
        column.collation = answer.text(row, 4);
        std::string_view operators = answer.text(row, 5);
        for (std::string* const each : {&column.less, &column.less_or_equal, &column.equal,
                                        &column.greater_or_equal, &column.greater}) {
            const std::size_t end = operators.find(' ');
            *each = fmt::format("OPERATOR({})", operators.substr(0, end));
            operators.remove_prefix(end == std::string_view::npos ? operators.size() : end + 1);
        }
        table.key.push_back(std::move(column));
    }
    if (table.key.empty() && !wanted.empty())
        refuse(
            fmt::format("the table {} has no index \"{}\" by which it can be walked", table.quoted, wanted),
            "That takes a valid, unique b-tree index on columns that are NOT NULL, without expressions and "
            "WHERE, and with all columns ascending or all descending.",
            where);
}

/// What the planner believes, who knows how large the table is now.
std::int64_t estimated_rows(database::Connection& connection, const std::string& quoted) {
    const database::Outcome outcome = connection.script("EXPLAIN SELECT FROM " + quoted);
    if (outcome.error || outcome.results.empty() || outcome.results.back().rows() == 0)
        return -1;
    const std::string_view first = outcome.results.back().text(0, 0);
    const std::size_t at = first.find(" rows=");
    return at == std::string_view::npos ? -1 : std::stoll(std::string(first.substr(at + 6)));
}

} // namespace

BackfillTable find_table(database::Connection& connection, const worker::BackfillDefinition& what,
                         const Call& where) {
    const Result answer = ask(
        connection,
        {"SELECT c.oid, c.relkind, pg_catalog.format('%I.%I', n.nspname, c.relname), "
         "pg_catalog.quote_ident(c.relname) FROM pg_catalog.to_regclass(CASE WHEN $1::pg_catalog.text "
         "OPERATOR(pg_catalog.=) '' THEN pg_catalog.quote_ident($2) ELSE pg_catalog.format('%I.%I', $1, $2) "
         "END) AS wanted(oid) JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) wanted.oid JOIN "
         "pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace",
         {what.schema, what.table}},
        where);
    if (answer.rows() == 0)
        refuse(fmt::format("there is no table \"{}\"{}", what.table,
                           what.schema.empty() ? "" : fmt::format(" in schema \"{}\"", what.schema)),
               "Names are taken as they are, case included, and a schema has a field of its own (.schema).",
               where);
    BackfillTable table;
    table.oid = answer.text(0, 0);
    table.quoted = answer.text(0, 2);
    table.name = answer.text(0, 3);
    const std::string_view kind = answer.text(0, 1);
    if (kind != "r" && kind != "p")
        refuse(fmt::format("{} is no table, and only a table can be backfilled", table.quoted), "", where);
    table.is_partitioned = kind == "p";
    find_key(connection, what.key, table, where);
    table.rows = estimated_rows(connection, table.quoted);
    return table;
}

std::vector<Leaf> leaves_of(database::Connection& connection, const BackfillTable& table, const Call& where) {
    const Result answer = ask(
        connection,
        {"WITH RECURSIVE tree(oid) AS (SELECT $1::pg_catalog.oid UNION SELECT i.inhrelid FROM tree JOIN "
         "pg_catalog.pg_inherits i ON i.inhparent OPERATOR(pg_catalog.=) tree.oid) SELECT "
         "pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind, "
         "(pg_catalog.pg_relation_size(c.oid) OPERATOR(pg_catalog./) "
         "pg_catalog.current_setting('block_size')::pg_catalog.int8) FROM tree JOIN pg_catalog.pg_class c ON "
         "c.oid OPERATOR(pg_catalog.=) tree.oid JOIN pg_catalog.pg_namespace n ON n.oid "
         "OPERATOR(pg_catalog.=) c.relnamespace WHERE c.relkind OPERATOR(pg_catalog.<>) 'p' ORDER BY c.oid",
         {table.oid}},
        where);
    std::vector<Leaf> leaves;
    for (std::size_t row = 0; row < answer.rows(); ++row) {
        if (answer.text(row, 1) != "r")
            refuse(fmt::format("{} is no table of this server, and {} has no key by which it could be walked",
                               answer.text(row, 0), table.quoted),
                   "Give it a primary key.", where);
        leaves.push_back({std::string(answer.text(row, 0)), std::stoll(std::string(answer.text(row, 2)))});
    }
    return leaves;
}

} // namespace dibs::migration
