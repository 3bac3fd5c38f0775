#include "schema/diff/plan.hpp"

#include <algorithm>

using namespace dibs::schema;

namespace {

Key key(Kind kind, const std::string& name, const std::string& part = "") {
    return {kind, "public", name, part};
}

Column column(const std::string& table, const std::string& name, const std::string& type) {
    Column made;
    made.key = key(Kind::column, table, name);
    made.type = type;
    return made;
}

Table& add_table(Model& model, const std::string& name, const std::vector<std::string>& columns) {
    Table table;
    table.key = key(Kind::table, name);
    for (const std::string& each : columns)
        table.columns.push_back(column(name, each, "integer"));
    model.tables.push_back(table);
    return model.tables.back();
}

void add_foreign_key(Model& model, const std::string& from, const std::string& to) {
    Constraint constraint;
    constraint.key = key(Kind::constraint, from, from + "_fkey");
    constraint.type = Constraint::Type::foreign_key;
    constraint.definition = "FOREIGN KEY (id) REFERENCES public." + to + "(id)";
    constraint.columns = {"id"};
    constraint.references = key(Kind::table, to);
    constraint.referenced_columns = {"id"};
    model.constraints.push_back(constraint);
}

void add_view(Model& model, const std::string& name, const std::vector<Key>& on) {
    View view;
    view.key = key(Kind::view, name);
    view.definition = " SELECT 1;";
    model.views.push_back(view);
    for (const Key& each : on)
        model.dependencies.push_back({view.key, each});
}

/// In public, which is there from the beginning.
Model empty() {
    Model model;
    model.schemas.push_back({{Kind::schema, "", "public", ""}, {}});
    return model;
}

std::vector<std::string> sql(const Plan& plan) {
    std::vector<std::string> all;
    for (const Statement& statement : plan.statements)
        all.push_back(statement.sql);
    return all;
}

std::size_t at(const Plan& plan, const std::string& beginning) {
    const std::vector<std::string> all = sql(plan);
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const std::string& each) { return each.starts_with(beginning); });
    INFO("no statement begins with " << beginning);
    REQUIRE(found != all.end());
    return static_cast<std::size_t>(found - all.begin());
}

} // namespace

TEST_CASE("Equal models need nothing") {
    Model model = empty();
    add_table(model, "users", {"id", "name"});
    add_foreign_key(model, "users", "users");
    CHECK(plan(model, model).empty());
    CHECK(plan(model, model).statements.empty());
}

TEST_CASE("Tables whose foreign keys form a circle are made and dropped") {
    Model circle = empty();
    add_table(circle, "a", {"id"});
    add_table(circle, "b", {"id"});
    add_foreign_key(circle, "a", "b");
    add_foreign_key(circle, "b", "a");

    const Plan made = plan(empty(), circle);
    CHECK(at(made, "CREATE TABLE public.b") < at(made, "ALTER TABLE public.a ADD CONSTRAINT a_fkey"));
    CHECK(at(made, "CREATE TABLE public.a") < at(made, "ALTER TABLE public.b ADD CONSTRAINT b_fkey"));

    const Plan dropped = plan(circle, empty());
    CHECK(std::min(at(dropped, "DROP TABLE public.a"), at(dropped, "DROP TABLE public.b")) >
          std::min(at(dropped, "ALTER TABLE public.a DROP"), at(dropped, "ALTER TABLE public.b DROP")));
    CHECK(dropped.statements[at(dropped, "DROP TABLE public.a")].loss == "all rows of public.a");
}

TEST_CASE("Views over a column that gets another type are made again, the outer one last") {
    Model from = empty();
    add_table(from, "t", {"id"});
    add_view(from, "inner", {key(Kind::column, "t", "id")});
    add_view(from, "outer", {key(Kind::view, "inner")});
    Model to = from;
    to.tables.front().columns.front().type = "text";
    const Plan found = plan(from, to);
    CHECK(at(found, "DROP VIEW public.\"outer\"") < at(found, "DROP VIEW public.\"inner\""));
    CHECK(at(found, "DROP VIEW public.\"inner\"") <
          at(found, "ALTER TABLE public.t ALTER COLUMN id TYPE text"));
    CHECK(at(found, "ALTER TABLE public.t ALTER COLUMN id TYPE text") <
          at(found, "CREATE VIEW public.\"inner\""));
    CHECK(at(found, "CREATE VIEW public.\"inner\"") < at(found, "CREATE VIEW public.\"outer\""));
}

TEST_CASE("Views that depend on each other are refused, and the circle shown") {
    Model to = empty();
    add_view(to, "a", {key(Kind::view, "b")});
    add_view(to, "b", {key(Kind::view, "a")});
    const Plan found = plan(empty(), to);
    CHECK(found.statements.empty());
    REQUIRE(found.unsupported.size() == 1);
    CHECK(found.unsupported.front().find("view public.a -> view public.b -> view public.a") !=
          std::string::npos);
}

TEST_CASE("A column that goes and one like it that comes look like a rename, two such do not") {
    Model from = empty();
    add_table(from, "t", {"id", "name"});
    Model to = empty();
    add_table(to, "t", {"id", "label"});
    const Plan one = plan(from, to);
    REQUIRE(one.changes.size() == 2);
    CHECK(one.changes[0].sign == '+');
    CHECK(one.changes[0].remark == "looks like a rename of name");
    REQUIRE(one.changes[1].hazards.size() == 1);
    CHECK(one.changes[1].hazards[0].type == Hazard::Type::data_loss);
    CHECK(sql(one) == std::vector<std::string>{"ALTER TABLE public.t DROP COLUMN name",
                                               "ALTER TABLE public.t ADD COLUMN label integer"});

    to.tables.front().columns.push_back(column("t", "title", "integer"));
    for (const Change& change : plan(from, to).changes)
        CHECK(change.remark.empty());
}

TEST_CASE("What dibs leaves alone is never dropped, nor what it stands on") {
    const Key operator_key{Kind::other, "", "operator public.=== (integer,integer)", ""};
    Model from = empty();
    add_table(from, "t", {"id"});
    from.left_alone.push_back({operator_key, {}});
    const Plan gone = plan(from, empty());
    CHECK(gone.statements.empty());
    REQUIRE(gone.unsupported.size() == 1);
    CHECK(gone.unsupported.front().find("operator public.===") != std::string::npos);

    Model to = empty();
    to.left_alone.push_back({operator_key, {}});
    CHECK(plan(from, to).unsupported.empty());
    from.dependencies.push_back({operator_key, key(Kind::table, "t")});
    CHECK(plan(from, to).unsupported.size() == 1);
}

TEST_CASE("An index that is the same but for its name is renamed") {
    Model from = empty();
    add_table(from, "t", {"id"});
    Index index;
    index.key = key(Kind::index, "old");
    index.table = key(Kind::table, "t");
    index.definition = "public.t USING btree (id)";
    index.columns = {"id"};
    from.indexes.push_back(index);
    Model to = from;
    to.indexes.front().key.name = "new";
    CHECK(sql(plan(from, to)) == std::vector<std::string>{"ALTER INDEX public.old RENAME TO new"});
    to.indexes.front().unique = true;
    CHECK(sql(plan(from, to)) ==
          std::vector<std::string>{"DROP INDEX public.old",
                                   "CREATE UNIQUE INDEX new ON public.t USING btree (id)"});
}
