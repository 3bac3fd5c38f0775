#include "property/random_schema.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "property/random_table.hpp"

namespace dibs::tests {
namespace {

const std::vector<std::string> relation_names = {
    "users",
    "\"Order Items\"",
    "\"Odd Schema\".\"select\"",
    "\"quo\"\"te.d\"",
    "\"Odd Schema\".users",
    "a_name_of_sixty_three_bytes_which_is_as_long_as_one_can_be_here"};

/// What a view selects of a table: the columns of its query are the view's.
std::string query_of(Die& die, const RandomTable& table) {
    std::vector<std::string> selected;
    std::string condition;
    for (const RandomColumn& column : table.columns)
        if (die.chance(60)) {
            selected.push_back("t." + column.name);
            if (condition.empty() && die.chance(40))
                condition = " WHERE " + die.pick(conditions(column.type.family, "t." + column.name));
        }
    selected.push_back("1 AS \"one more\"");
    return fmt::format("SELECT {} FROM {} t{}", fmt::join(selected, ", "), table.name, condition);
}

std::string random_views(const Side& side, const std::vector<RandomTable>& tables) {
    std::string sql;
    for (std::size_t i = 0; i < 3; ++i) {
        Die die = side.at(fmt::format("view {}", i));
        if (tables.empty() || !die.chance(35))
            continue;
        const bool materialized = die.chance(30);
        const std::string name = fmt::format("\"view {}\"", i);
        sql += fmt::format("CREATE {}VIEW {} AS {};\n", materialized ? "MATERIALIZED " : "", name,
                           query_of(die, die.pick(tables)));
        if (materialized && die.chance(40))
            sql += fmt::format("CREATE UNIQUE INDEX ON {} (\"one more\");\n", name);
        if (die.chance(30))
            sql += fmt::format("CREATE VIEW \"over {}\" AS SELECT * FROM {};\n", i, name);
        sql += random_comment(die, fmt::format("{}VIEW {}", materialized ? "MATERIALIZED " : "", name));
    }
    return sql;
}

} // namespace

std::string random_schema(const Side& side) {
    const RandomTypes types = random_types(side);
    std::string sql = types.sql;
    std::vector<RandomTable> tables;
    std::set<std::string> used;
    for (const std::string& name : relation_names)
        if (side.at("relation " + name).chance(50)) {
            tables.push_back(random_table(side, name, types, used));
            sql += tables.back().sql;
        }
    return sql + random_foreign_keys(side, tables) + random_views(side, tables);
}

} // namespace dibs::tests
