#include "worker/wire.hpp"

using dibs::worker::IndexDefinition;
using dibs::worker::IndexRemoval;
using dibs::worker::Kind;
using dibs::worker::MessageReader;
using dibs::worker::MessageWriter;

TEST_CASE("an index and its removal are on the other side what they were on this") {
    const IndexDefinition index{"schema",     "table", "name", "method", {"a", "lower(b)"}, {"c"}, "with=1",
                                "tablespace", "where", true,   true};
    const IndexRemoval removal{"schema", "name", true};
    MessageWriter writer(Kind::create_index);
    put(writer, index);
    put(writer, removal);
    put(writer, IndexDefinition{});
    MessageReader reader(writer.bytes());
    CHECK(reader.take<Kind>() == Kind::create_index);
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
