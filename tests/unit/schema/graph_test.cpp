#include "schema/diff/graph.hpp"

using dibs::schema::Graph;

TEST_CASE("What must come first comes first and rank decides the rest") {
    Graph graph;
    const std::size_t last = graph.add({0, "a"});
    const std::size_t second = graph.add({2, "b"});
    const std::size_t first = graph.add({2, "a"});
    const std::size_t third = graph.add({3, ""});
    graph.before(third, last);
    graph.before(third, last); // said twice is said once
    graph.before(third, third);
    CHECK(graph.sorted().nodes == std::vector{first, second, third, last});
    CHECK(graph.sorted().cycle.empty());
}

TEST_CASE("A circle is shown, without what only leads to it") {
    Graph graph;
    const std::size_t before = graph.add({0, ""});
    const std::size_t a = graph.add({1, "a"});
    const std::size_t b = graph.add({1, "b"});
    const std::size_t c = graph.add({1, "c"});
    const std::size_t after = graph.add({2, ""});
    graph.before(before, a);
    graph.before(a, b);
    graph.before(b, c);
    graph.before(c, a);
    graph.before(c, after);
    const Graph::Order order = graph.sorted();
    CHECK(order.nodes.empty());
    REQUIRE(order.cycle.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t next = order.cycle[(i + 1) % 3];
        CHECK(next == (order.cycle[i] == a ? b : order.cycle[i] == b ? c : a));
    }
}
