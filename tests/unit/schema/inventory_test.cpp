#include "schema/diff/inventory.hpp"

#include <algorithm>
#include <tuple>

using dibs::schema::Column;
using dibs::schema::Inventory;
using dibs::schema::Key;
using dibs::schema::Kind;
using dibs::schema::Link;
using dibs::schema::Model;
using dibs::schema::Table;

namespace {

const Key space{Kind::schema, "", "public", ""};
const Key table_key{Kind::table, "public", "t", ""};
const Key column_key{Kind::column, "public", "t", "a"};
const Key absent{Kind::enumeration, "public", "mood", ""}; // before the table in the keys' order
const Key outside{Kind::view, "public", "v", ""};          // and after it

Model model_of_one_table() {
    Model model;
    model.schemas.push_back({space, {}});
    Table table;
    table.key = table_key;
    Column column;
    column.key = column_key;
    table.columns.push_back(column);
    model.tables.push_back(table);
    return model;
}

} // namespace

TEST_CASE("What depends on what is in the order of the keys, whether the model has them or not") {
    Model model = model_of_one_table();
    model.dependencies = {{outside, column_key}, {column_key, absent}, {column_key, absent}};
    const Inventory inventory(model);
    const auto all = inventory.dependencies();
    CHECK(all.size() == 4); // the table in its schema, the column in its table
    CHECK(std::is_sorted(all.begin(), all.end(), [](const Link& a, const Link& b) {
        return std::tie(a.dependent, a.on) < std::tie(b.dependent, b.on);
    }));
    CHECK(inventory.depends(table_key, space));
    CHECK(inventory.depends(column_key, table_key));
    CHECK(inventory.depends(column_key, absent));
    CHECK(inventory.depends(outside, column_key));
    CHECK_FALSE(inventory.depends(absent, column_key));
    CHECK_FALSE(inventory.depends(column_key, space));
    const auto of_column = inventory.dependencies(column_key);
    REQUIRE(of_column.size() == 2);
    CHECK(of_column[0].on == absent);
    CHECK(of_column[1].on == table_key);
    CHECK(inventory.dependencies(outside).size() == 1);
    CHECK(inventory.dependencies(absent).empty());
    CHECK(inventory.dependencies({Kind::table, "public", "nowhere", ""}).empty());
}
