#include "migration/streams.hpp"

using dibs::migration::BatchSize;
using dibs::worker::Table;

namespace {

Table table(std::size_t rows, std::size_t bytes) {
    Table made;
    made.columns = {{"a", 25}};
    for (std::size_t i = 0; i < rows; ++i)
        made.add(std::string(bytes, 'x'));
    return made;
}

} // namespace

TEST_CASE("a stream begins with one row, and asks for more by steps") {
    BatchSize size;
    CHECK(size.rows() == 1);
    std::size_t before = 1;
    for (int i = 0; i < 6; ++i) {
        size.learn(table(before, 10));
        CHECK(size.rows() <= before * 16);
        before = size.rows();
    }
    CHECK(size.rows() == 10'000);
}

TEST_CASE("the widest row says how many are about 1 MiB, and one is asked for at least") {
    BatchSize size;
    for (int i = 0; i < 4; ++i)
        size.learn(table(10, 1000));
    CHECK(size.rows() > 900);
    CHECK(size.rows() <= 1048);
    Table mixed = table(100, 10);
    mixed.add(std::string(500'000, 'x'));
    size.learn(mixed);
    CHECK(size.rows() == 2);
    size.learn(table(2, 10'000'000));
    CHECK(size.rows() == 1);
}

TEST_CASE("rows without columns or with nulls alone have a width, too") {
    BatchSize size;
    Table none;
    none.rows_without_columns = 1;
    size.learn(none);
    CHECK(size.rows() == 16);
    Table nulls;
    nulls.columns = {{"a", 25}};
    nulls.add(std::nullopt);
    size.learn(nulls);
    CHECK(size.rows() == 256);
    size.learn(Table{});
    CHECK(size.rows() == 4096);
}
