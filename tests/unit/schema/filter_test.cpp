#include "schema/diff/filter.hpp"

#include <algorithm>

#include "report/failure.hpp"
#include "schema/diff/plan.hpp"

using namespace dibs::schema;

namespace {

Key key(Kind kind, const std::string& name, const std::string& part = "",
        const std::string& schema = "public") {
    return {kind, schema, name, part};
}

Table table(const std::string& name, const std::vector<std::string>& columns,
            const std::string& schema = "public") {
    Table made;
    made.key = key(Kind::table, name, "", schema);
    for (const std::string& each : columns) {
        Column column;
        column.key = key(Kind::column, name, each, schema);
        column.type = "integer";
        made.columns.push_back(column);
    }
    return made;
}

Model with(std::vector<Table> tables) {
    Model model;
    model.schemas.push_back({{Kind::schema, "", "public", ""}, {}});
    model.tables = std::move(tables);
    return model;
}

Index index_on(const std::string& name, const std::string& on) {
    Index index;
    index.key = key(Kind::index, name);
    index.table = key(Kind::table, on);
    index.definition = "public." + on + " USING btree (id)";
    index.columns = {"id"};
    return index;
}

std::vector<Pattern> patterns(const std::vector<std::string>& texts) {
    std::vector<Pattern> all;
    for (const std::string& text : texts)
        all.push_back(Pattern::parse(text, "dibs.yaml:1:1"));
    return all;
}

Filter excluding(const std::vector<std::string>& texts) {
    return {{}, patterns(texts)};
}

Filter including(const std::vector<std::string>& texts) {
    return {patterns(texts), {}};
}

/// What differs once the filter was heard: "+ table public.a".
std::vector<std::string> differences(const Filter& filter, const Model& from, Model to) {
    CHECK(leave_out(filter, from, to).empty());
    std::vector<std::string> all;
    for (const Change& change : plan(from, to).changes)
        all.push_back(std::string(1, change.sign) + " " + described(change.object));
    return all;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("A pattern names a kind and the last names of an object") {
    const auto matches = [](const std::string& text, const Key& each) {
        return Pattern::parse(text, "").matches(each);
    };
    CHECK(matches("table:audit_*", key(Kind::table, "audit_users")));
    CHECK(matches("table:public.audit_?", key(Kind::table, "audit_1")));
    CHECK(matches("column:users.internal_*", key(Kind::column, "users", "internal_note")));
    CHECK(matches("function:f", key(Kind::function, "f", "integer, text")));
    CHECK(matches("materialized_view:m", key(Kind::materialized_view, "m")));
    CHECK(matches("constraint:price.positive", key(Kind::domain_constraint, "price", "positive")));
    CHECK(matches("extension:postgis*", {Kind::extension, "", "postgis_topology", ""}));
    CHECK_FALSE(matches("table:audit_*", key(Kind::view, "audit_users")));
    CHECK_FALSE(matches("table:audit", key(Kind::table, "audit_users")));
    CHECK_FALSE(matches("table:other.audit", key(Kind::table, "audit")));
    CHECK_FALSE(matches("schema:public.x", {Kind::schema, "", "x", ""}));
}

TEST_CASE("What is no pattern is an error with its place") {
    const auto error = [](const std::string& text) -> std::string {
        try {
            Pattern::parse(text, "dibs.yaml:3:5");
        } catch (const dibs::report::Failure& failure) {
            CHECK(failure.code() == dibs::report::ExitCode::usage);
            return std::string(failure.what()) + " " + failure.hint();
        }
        return "";
    };
    CHECK(error("audit_*") ==
          "dibs.yaml:3:5: \"audit_*\" is no pattern Write the kind and the name: \"table:audit_*\".");
    CHECK(error("table:") != "");
    CHECK(error("tabel:x") == "dibs.yaml:3:5: there is no kind \"tabel\" of objects Did you mean \"table\"?");
    CHECK_THAT(error("column:a.b.c.d"), Catch::Contains("too many names"));
}

TEST_CASE("What is excluded differs on neither side, whichever side has it") {
    const Model from = with({table("audit_a", {"id"}), table("users", {"id"})});
    const Model to =
        with({table("audit_a", {"id", "at"}), table("audit_b", {"id"}), table("users", {"id", "name"})});
    CHECK(differences({}, from, to).size() == 3);
    CHECK(differences(excluding({"table:audit_*"}), from, to) == Lines{"+ column public.users.name"});
    CHECK(differences(excluding({"table:audit_*"}), to, from) == Lines{"- column public.users.name"});
    CHECK(differences(including({"table:audit_b"}), from, to) == Lines{"+ table public.audit_b"});
    CHECK(differences(including({"table:audit_b"}), to, from) == Lines{"- table public.audit_b"});
}

TEST_CASE("A table is left out with its parts, its sequences and its partitions, a schema with all in it") {
    Model from = with({});
    Model to = with({table("logs", {"id"}), table("logs_2026", {"id"}), table("t", {"id"}, "legacy")});
    to.schemas.insert(to.schemas.begin(), dibs::schema::Namespace{{Kind::schema, "", "legacy", ""}, {}});
    to.tables[0].partitioned_by = "RANGE (id)";
    to.tables[1].parents = {to.tables[0].key};
    to.tables[1].bounds = "FOR VALUES FROM (1) TO (2)";
    to.tables[1].columns[0].inherited = true;
    to.indexes = {index_on("logs_idx", "logs")};
    Sequence sequence;
    sequence.key = key(Kind::sequence, "counter");
    sequence.owner = to.tables[0].columns[0].key;
    to.sequences = {sequence};
    CHECK(differences(excluding({"table:logs", "schema:legacy"}), from, to).empty());
    CHECK(differences(excluding({"table:logs", "schema:legacy"}), to, from).empty());
}

TEST_CASE("A column is left out of a table that is compared, an index of one that stays") {
    Model from = with({table("users", {"id", "old_note"})});
    Model to = with({table("users", {"id", "new_note", "name"})});
    from.indexes = {index_on("by_hand", "users")};
    CHECK(differences(excluding({"column:users.*_note", "index:by_hand"}), from, to) ==
          Lines{"+ column public.users.name"});
}

TEST_CASE("A schema of which only a table is included is made with it") {
    Model to = with({table("t", {"id"}, "app")});
    to.schemas.insert(to.schemas.begin(), dibs::schema::Namespace{{Kind::schema, "", "app", ""}, {}});
    const Lines made = differences(including({"table:app.t"}), with({}), to);
    CHECK(made == Lines{"+ schema app", "+ table app.t"});
}

TEST_CASE(
    "What is compared and needs what is left out and not there is not supported, and the other way round") {
    Model to = with({table("a", {"id"}), table("b", {"id"})});
    Constraint constraint;
    constraint.key = key(Kind::constraint, "b", "b_fkey");
    constraint.type = Constraint::Type::foreign_key;
    constraint.definition = "FOREIGN KEY (id) REFERENCES public.a(id)";
    constraint.columns = {"id"};
    constraint.references = key(Kind::table, "a");
    constraint.referenced_columns = {"id"};
    to.constraints = {constraint};
    const Model from = with({});
    Model wanted = to;
    CHECK(leave_out(excluding({"table:a"}), from, wanted) ==
          Lines{"constraint public.b.b_fkey needs table public.a, which dibs.yaml leaves out (diff:)"});
    wanted = from;
    CHECK(leave_out(excluding({"table:b"}), to, wanted) ==
          Lines{"constraint public.b.b_fkey, which dibs.yaml leaves out (diff:), needs table public.a, which "
                "is to go"});
}

TEST_CASE("A pattern that matches nothing on either side is told") {
    const Filter filter{patterns({"table:u*"}), patterns({"table:audit", "view:users", "table:x"})};
    std::vector<std::string> texts;
    for (const Pattern& pattern : unmatched(filter, with({table("users", {})}), with({table("x", {})})))
        texts.push_back(pattern.text);
    CHECK(texts == Lines{"table:audit", "view:users"});
}
