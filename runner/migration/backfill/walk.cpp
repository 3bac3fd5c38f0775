#include "migration/backfill/walk.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dibs::migration {
namespace {

/// Rows of which the bounds of parts are taken; about.
constexpr std::int64_t sample_rows = 20'000;

/// In one go: a key's own text may look like a placeholder.
std::string replaced(std::string_view sql, const std::string& first, const std::string& last) {
    constexpr std::string_view first_word = "{first}";
    constexpr std::string_view last_word = "{last}";
    std::string text;
    while (!sql.empty()) {
        if (sql.starts_with(first_word)) {
            text += first;
            sql.remove_prefix(first_word.size());
        } else if (sql.starts_with(last_word)) {
            text += last;
            sql.remove_prefix(last_word.size());
        } else {
            text += sql.front();
            sql.remove_prefix(1);
        }
    }
    return text;
}

} // namespace

KeyWalk::KeyWalk(const BackfillTable& table)
    : table_(table),
      one_operator_(std::all_of(table.key.begin(), table.key.end(), [&](const KeyColumn& column) {
          return column.less == table.key.front().less && column.greater == table.key.front().greater &&
                 column.less_or_equal == table.key.front().less_or_equal &&
                 column.greater_or_equal == table.key.front().greater_or_equal;
      })) {}

std::string KeyWalk::literal(const database::Connection& connection, const Position& key,
                             std::size_t column) const {
    return fmt::format("{}::{}", connection.quote_literal(key.at(column)), table_.key[column].type);
}

std::string KeyWalk::literals(const database::Connection& connection, const Position& key) const {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < table_.key.size(); ++i)
        all.push_back(literal(connection, key, i));
    return all.size() == 1 ? all.front() : fmt::format("ROW({})", fmt::join(all, ", "));
}

std::string KeyWalk::with_bounds(const database::Connection& connection, const std::string& sql,
                                 const Position& first, const Position& last) const {
    return replaced(sql, literals(connection, first), literals(connection, last));
}

std::string KeyWalk::with_nulls(const std::string& sql) const {
    std::vector<std::string> all;
    for (const KeyColumn& column : table_.key)
        all.push_back("NULL::" + column.type);
    const std::string nulls = all.size() == 1 ? all.front() : fmt::format("ROW({})", fmt::join(all, ", "));
    return replaced(sql, nulls, nulls);
}

std::string KeyWalk::columns() const {
    std::vector<std::string> all;
    for (const KeyColumn& column : table_.key)
        all.push_back(column.name + column.collation);
    return fmt::format("{}", fmt::join(all, ", "));
}

std::string KeyWalk::order(bool backwards) const {
    std::vector<std::string> all;
    for (const KeyColumn& column : table_.key)
        all.push_back(fmt::format("{}{} USING {}", column.name, column.collation,
                                  backwards ? column.greater : column.less));
    return fmt::format("{}", fmt::join(all, ", "));
}

std::string KeyWalk::compared(const database::Connection& connection, const Position& key, bool behind,
                              bool strict) const {
    const KeyColumn& first = table_.key.front();
    const auto open = [&](const KeyColumn& column) { return behind ? column.greater : column.less; };
    const auto closed = [&](const KeyColumn& column) {
        return behind ? column.greater_or_equal : column.less_or_equal;
    };
    const auto one = [&](std::size_t i, const std::string& op) {
        return fmt::format("{}{} {} {}", table_.key[i].name, table_.key[i].collation, op,
                           literal(connection, key, i));
    };
    if (table_.key.size() == 1)
        return one(0, strict ? open(first) : closed(first));
    if (one_operator_)
        return fmt::format("ROW({}) {} {}", columns(), strict ? open(first) : closed(first),
                           literals(connection, key));
    std::string text =
        one(table_.key.size() - 1, strict ? open(table_.key.back()) : closed(table_.key.back()));
    for (std::size_t i = table_.key.size() - 1; i-- > 0;)
        text = fmt::format("({} OR ({} AND {}))", one(i, open(table_.key[i])), one(i, table_.key[i].equal),
                           text);
    return fmt::format("{} AND {}", one(0, closed(first)), text); // the first for the index
}

std::string KeyWalk::between(const database::Connection& connection, const Position& from,
                             const Position& to) const {
    if (from.empty())
        return compared(connection, to, false, false);
    return fmt::format("{} AND {}", compared(connection, from, true, true),
                       compared(connection, to, false, false));
}

std::string KeyWalk::condition(const database::Connection& connection, const Position& from,
                               const Position& to) const {
    return between(connection, from, to);
}

std::string KeyWalk::probe(const database::Connection& connection, const std::string& relation,
                           const Position& from, const Position& last, std::int64_t rows) const {
    return fmt::format("SELECT {} FROM {} AS {} WHERE {} ORDER BY {} OFFSET {} LIMIT 1", columns(), relation,
                       table_.name, between(connection, from, last), order(false), rows - 1);
}

std::string KeyWalk::described() const {
    return "by index " + table_.index;
}

std::string KeyWalk::first(const database::Connection& connection, const Position& from) const {
    return fmt::format("SELECT {} FROM {} AS {}{} ORDER BY {} LIMIT 1", columns(), table_.quoted, table_.name,
                       from.empty() ? "" : " WHERE " + compared(connection, from, true, true), order(false));
}

std::string KeyWalk::last() const {
    return fmt::format("SELECT {} FROM {} AS {} ORDER BY {} LIMIT 1", columns(), table_.quoted, table_.name,
                       order(true));
}

std::string KeyWalk::bounds(unsigned parts) const {
    const double percent = table_.rows <= sample_rows
                               ? 100
                               : 100.0 * static_cast<double>(sample_rows) / static_cast<double>(table_.rows);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < table_.key.size(); ++i)
        names.push_back(fmt::format("k{}", i));
    const std::string list = fmt::format("{}", fmt::join(names, ", "));
    return fmt::format(
        "SELECT {0} FROM (SELECT {0}, pg_catalog.row_number() OVER (ORDER BY n) AS n, "
        "pg_catalog.count(*) OVER () AS total FROM (SELECT pg_catalog.row_number() OVER (ORDER "
        "BY {1}) AS n, {2} FROM {3} AS {4} TABLESAMPLE SYSTEM ({5:.6f})) AS s(n, {0})) AS t "
        "WHERE n OPERATOR(pg_catalog.<) total AND ((n OPERATOR(pg_catalog.*) {6}) "
        "OPERATOR(pg_catalog./) total) OPERATOR(pg_catalog.>) (((n OPERATOR(pg_catalog.-) 1) "
        "OPERATOR(pg_catalog.*) {6}) OPERATOR(pg_catalog./) total) ORDER BY n",
        list, order(false), columns(), table_.quoted, table_.name, percent, parts);
}

std::string PageWalk::condition(const database::Connection&, const Position& from, const Position& to) const {
    const std::string first = from.empty() ? "0" : from.front();
    if (server_version_ >= 140000)
        return fmt::format("{0}.ctid >= '({1},0)'::pg_catalog.tid AND {0}.ctid < '({2},0)'::pg_catalog.tid",
                           table_.name, first, to.front());
    // A tuple takes 24 bytes and a pointer of 4 at least ("Database Page Layout"); only equality with a
    // constant finds a page there.
    return fmt::format("{}.ctid = ANY (ARRAY(SELECT pg_catalog.format('(%s,%s)', p, i)::pg_catalog.tid FROM "
                       "pg_catalog.generate_series({}, {}) p, pg_catalog.generate_series(1, "
                       "pg_catalog.current_setting('block_size')::pg_catalog.int4 / 28) i))",
                       table_.name, first, std::stoll(to.front()) - 1);
}

std::string PageWalk::probe(const database::Connection&, const std::string&, const Position& from,
                            const Position& last, std::int64_t rows) const {
    const std::int64_t pages = std::max<std::int64_t>(1, rows / rows_of_page_);
    const std::int64_t to = (from.empty() ? 0 : std::stoll(from.front())) + pages;
    return fmt::format("SELECT {} WHERE {} < {}", to, to, last.front());
}

} // namespace dibs::migration
