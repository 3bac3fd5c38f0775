#include "worker/wire.hpp"

using dibs::worker::Call;
using dibs::worker::CopyTarget;
using dibs::worker::Ending;
using dibs::worker::FetchedRows;
using dibs::worker::ForeignMessage;
using dibs::worker::IndexDefinition;
using dibs::worker::IndexRemoval;
using dibs::worker::Kind;
using dibs::worker::MessageReader;
using dibs::worker::MessageWriter;
using dibs::worker::Table;

namespace {

/// A reader of what was put, past the kind.
MessageReader reading(const auto& value) {
    MessageWriter writer(Kind::answer);
    put(writer, value);
    return MessageReader(writer.bytes().substr(1));
}

} // namespace

TEST_CASE("an index and its removal are on the other side what they were on this") {
    const IndexDefinition index{"schema",     "table", "name", "method", {"a", "lower(b)"}, {"c"}, "with=1",
                                "tablespace", "where", true,   true};
    const IndexRemoval removal{"schema", "name", true};
    MessageWriter writer(Kind::create_index);
    put(writer, index);
    put(writer, removal);
    put(writer, IndexDefinition{});
    MessageReader reader(writer.bytes());
    CHECK(reader.kind() == Kind::create_index);
    const IndexDefinition taken = take_index(reader);
    CHECK(taken.schema == "schema");
    CHECK(taken.table == "table");
    CHECK(taken.name == "name");
    CHECK(taken.method == "method");
    CHECK(taken.columns == std::vector<std::string>{"a", "lower(b)"});
    CHECK(taken.include == std::vector<std::string>{"c"});
    CHECK(taken.with == "with=1");
    CHECK(taken.tablespace == "tablespace");
    CHECK(taken.where == "where");
    CHECK(taken.unique);
    CHECK(taken.nulls_not_distinct);
    const IndexRemoval gone = take_removal(reader);
    CHECK(gone.schema == "schema");
    CHECK(gone.name == "name");
    CHECK(gone.if_exists);
    const IndexDefinition empty = take_index(reader);
    CHECK(empty.columns.empty());
    CHECK_FALSE(empty.unique);
}

TEST_CASE("a query's answer is on the other side what it was on this") {
    Table table;
    table.columns = {{"a", 23}, {"b", 25}};
    table.add("1");
    table.add(std::nullopt);
    table.add("");
    table.add("two");
    MessageReader reader = reading(table);
    const Table taken = reader.last(take_table(reader));
    CHECK(taken.rows() == 2);
    CHECK(taken.columns[1].name == "b");
    CHECK(taken.columns[1].type == 25);
    CHECK(taken.text.substr(taken.cells[3].offset, taken.cells[3].size) == "two");
    CHECK(taken.cells[1].size == Table::Cell::null);
    Table rows;
    rows.rows_without_columns = 3;
    MessageReader without = reading(rows);
    CHECK(without.last(take_table(without)).rows() == 3);
}

TEST_CASE("a table whose cells are not in it is none") {
    Table table;
    table.columns = {{"a", 25}};
    table.add("text");
    SECTION("they begin behind its end") {
        table.cells[0].offset = 5;
    }
    SECTION("they end behind it") {
        table.cells[0].size = 5;
    }
    SECTION("they are so long that the sum is small again") {
        table.cells[0] = {~std::size_t{0} - 2, 3};
    }
    SECTION("no NUL ends one") {
        table.cells[0].size = 3;
    }
    SECTION("they have no column") {
        table.columns.clear();
    }
    SECTION("they fill no row") {
        table.columns.push_back({"b", 25});
    }
    MessageReader reader = reading(table);
    CHECK_THROWS_AS(take_table(reader), ForeignMessage);
}

TEST_CASE("a stream's rows are on the other side what they were on this, and none come only at the end") {
    FetchedRows batch;
    batch.rows.columns = {{"a", 25}};
    MessageReader without_end = reading(batch);
    CHECK_THROWS_AS(take_fetched_rows(without_end), ForeignMessage);
    batch.last = true;
    MessageReader end = reading(batch);
    CHECK(end.last(take_fetched_rows(end)).last);
    batch.last = false;
    batch.rows.add("1");
    MessageReader more = reading(batch);
    const FetchedRows taken = more.last(take_fetched_rows(more));
    CHECK_FALSE(taken.last);
    CHECK(taken.rows.rows() == 1);
}

TEST_CASE("where rows are copied to is on the other side what it was on this") {
    MessageReader reader = reading(CopyTarget{"schema", "table", {"a", "b c"}});
    const CopyTarget taken = reader.last(take_target(reader));
    CHECK(taken.schema == "schema");
    CHECK(taken.table == "table");
    CHECK(taken.columns == std::vector<std::string>{"a", "b c"});
    MessageWriter many(Kind::begin_copy);
    many.put(std::string_view()).put(std::string_view("t")).put(~std::size_t{0});
    MessageReader counted(many.bytes().substr(1));
    CHECK_THROWS_AS(take_target(counted), ForeignMessage); // and no memory for so many was asked for
}

TEST_CASE("a message that ends before its value does, or has another count, is none") {
    MessageWriter whole(Kind::answer);
    put(whole, Call{"SELECT $1", {dibs::database::Value("value")}, "a.cpp", 7});
    const std::string bytes = whole.bytes().substr(1);
    MessageReader complete(bytes);
    const Call call = complete.last(take_call(complete));
    CHECK(call.values.at(0).content == "value");
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        MessageReader cut(bytes.substr(0, size));
        CHECK_THROWS_AS(take_call(cut), ForeignMessage);
    }
    MessageWriter many(Kind::answer);
    many.put(std::string_view("SELECT")).put(std::string_view()).put(std::uint32_t{1}).put(~std::size_t{0});
    MessageReader counted(many.bytes().substr(1));
    CHECK_THROWS_AS(take_call(counted), ForeignMessage); // and no memory for so many was asked for
}

TEST_CASE("an ending of a kind that there is not is none") {
    MessageWriter writer(Kind::ended);
    writer.put(std::uint8_t{2});
    MessageReader reader(writer.bytes().substr(1));
    CHECK_THROWS_AS(take_ending(reader), ForeignMessage);
}
