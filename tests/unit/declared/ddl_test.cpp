#include <catch2/catch.hpp>

#include <algorithm>

#include "declared/ddl.hpp"
#include "declared/diagram.hpp"
#include "declared/quote.hpp"
#include "report/failure.hpp"

using namespace dibs::declared;

namespace {

Table table(const std::string& name, std::vector<std::string> columns) {
    Table table;
    table.name.name = name;
    for (const std::string& column : columns) {
        Column& made = table.columns.emplace_back();
        made.name = column;
        made.type = "bigint";
    }
    return table;
}

ForeignKey foreign_key(const std::string& column, const std::string& target) {
    ForeignKey key;
    key.columns = {column};
    key.target.name = target;
    key.target_columns = {"id"};
    return key;
}

/// The first words of each statement, for its order.
std::vector<std::string> order_of(const Schema& schema) {
    std::vector<std::string> order;
    for (const Statement& statement : ddl(schema))
        order.push_back(statement.sql.substr(0, statement.sql.find_first_of("(\n")));
    return order;
}

} // namespace

TEST_CASE("Foreign keys that go round in a circle come after all tables") {
    Schema schema;
    schema.tables = {table("a", {"id", "b_id"}), table("b", {"id", "a_id"})};
    schema.tables[0].foreign_keys = {foreign_key("b_id", "b")};
    schema.tables[1].foreign_keys = {foreign_key("a_id", "a")};
    CHECK(order_of(schema) == std::vector<std::string>{"CREATE TABLE a ", "CREATE TABLE b ",
                                                       "ALTER TABLE a ADD FOREIGN KEY ",
                                                       "ALTER TABLE b ADD FOREIGN KEY "});
}

TEST_CASE("A unique index comes before the foreign key that needs it") {
    Schema schema;
    schema.tables = {table("a", {"id", "b_id"}), table("b", {"id"})};
    schema.tables[0].foreign_keys = {foreign_key("b_id", "b")};
    Index& index = schema.tables[1].indexes.emplace_back();
    index.unique = true;
    index.elements.emplace_back().column = "id";
    CHECK(order_of(schema).back() == "ALTER TABLE a ADD FOREIGN KEY ");
}

TEST_CASE("Plain SQL comes last unless something needs it and then just before that") {
    Schema schema;
    schema.tables = {table("a", {"id"}), table("b", {"id"})};
    schema.scripts = {{"view", "CREATE VIEW v", {}, {}, {}},
                      {"needs the base", "CREATE DOMAIN d", {"base"}, {"b"}, {}},
                      {"base", "CREATE FUNCTION f", {}, {}, {}}};
    const std::vector<std::string> order = order_of(schema);
    const auto place = [&](const std::string& what) {
        return std::find(order.begin(), order.end(), what) - order.begin();
    };
    REQUIRE(order.size() == 5);
    CHECK(place("CREATE FUNCTION f") < place("CREATE DOMAIN d"));
    CHECK(place("CREATE DOMAIN d") < place("CREATE TABLE b "));
    CHECK(place("CREATE TABLE b ") < 5);
    CHECK(place("CREATE VIEW v") > place("CREATE TABLE a "));
}

TEST_CASE("A statement knows who says it") {
    Schema schema;
    schema.tables = {table("a", {"id"})};
    schema.tables[0].where = {"a.cpp", 12};
    CHECK(text_of(ddl(schema).at(0).where) == "a.cpp:12");
}

TEST_CASE("A name has its schema before it where one is said") {
    CHECK(quoted(Name{"", "user"}) == "\"user\"");
    CHECK(quoted(Name{"order", "items"}) == "\"order\".items");
}

TEST_CASE("Diagrams take any name") {
    Schema schema;
    schema.tables = {table("a \"b\" <c>", {"id & co", "other"})};
    schema.tables[0].columns[1].nullable = true;
    schema.tables[0].columns[1].type = "numeric(12,2)";
    schema.tables[0].foreign_keys = {foreign_key("other", schema.tables[0].name.name)};
    CHECK(mermaid(schema) == "erDiagram\n"
                             "    \"a 'b' <c>\" {\n"
                             "        bigint id___co\n"
                             "        numeric(12_2) other FK \"nullable\"\n"
                             "    }\n"
                             "    \"a 'b' <c>\" |o--o{ \"a 'b' <c>\" : \"other\"\n");
    const std::string drawn = dot(schema);
    CHECK(drawn.find("\"a \\\"b\\\" <c>\" [label=<") != std::string::npos);
    CHECK(drawn.find("<B>a &quot;b&quot; &lt;c&gt;</B>") != std::string::npos);
    CHECK(drawn.find("id &amp; co") != std::string::npos);
}

TEST_CASE("Letters of any script stay in a Mermaid diagram, and what Mermaid takes for a mark is none") {
    Schema schema;
    schema.tables = {table("größen", {"id", "Größe", "имя", "名前", "2nd", "50°", "pk", "Uk-x", "pkw"})};
    schema.tables[0].foreign_keys = {foreign_key("Größe", "größen")};
    CHECK(mermaid(schema) == "erDiagram\n"
                             "    \"größen\" {\n"
                             "        bigint id\n"
                             "        bigint Größe FK\n"
                             "        bigint имя\n"
                             "        bigint 名前\n"
                             "        bigint _2nd\n"
                             "        bigint _50_\n"
                             "        bigint _pk\n"
                             "        bigint _Uk-x\n"
                             "        bigint pkw\n"
                             "    }\n"
                             "    \"größen\" ||--o{ \"größen\" : \"Größe\"\n");
}
