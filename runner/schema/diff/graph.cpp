#include "schema/diff/graph.hpp"

#include <algorithm>

namespace dibs::schema {

std::size_t Graph::add(std::tuple<int, std::string> rank) {
    ranks_.push_back(std::move(rank));
    successors_.emplace_back();
    return ranks_.size() - 1;
}

void Graph::before(std::size_t first, std::size_t then) {
    if (first != then)
        successors_[first].insert(then);
}

Graph::Order Graph::sorted() const {
    std::vector<std::size_t> waits_for(size());
    for (const std::set<std::size_t>& successors : successors_)
        for (const std::size_t successor : successors)
            ++waits_for[successor];
    const auto earlier = [&](std::size_t a, std::size_t b) {
        return std::tie(ranks_[a], a) < std::tie(ranks_[b], b);
    };
    std::set<std::size_t, decltype(earlier)> ready(earlier);
    for (std::size_t node = 0; node < size(); ++node)
        if (waits_for[node] == 0)
            ready.insert(node);
    Order order;
    while (!ready.empty()) {
        const std::size_t node = *ready.begin();
        ready.erase(ready.begin());
        order.nodes.push_back(node);
        for (const std::size_t successor : successors_[node])
            if (--waits_for[successor] == 0)
                ready.insert(successor);
    }
    if (order.nodes.size() == size())
        return order;
    // Each node that is left has a predecessor that is left: going back from one to the next ends in a cycle.
    std::vector<std::size_t> predecessor(size(), size());
    for (std::size_t node = 0; node < size(); ++node)
        if (waits_for[node] > 0)
            for (const std::size_t successor : successors_[node])
                predecessor[successor] = node;
    std::size_t node = 0;
    while (waits_for[node] == 0)
        ++node;
    std::vector<bool> seen(size());
    while (!seen[node]) {
        seen[node] = true;
        node = predecessor[node];
    }
    for (std::size_t at = predecessor[node]; at != node; at = predecessor[at])
        order.cycle.push_back(at);
    order.cycle.push_back(node);
    std::reverse(order.cycle.begin(), order.cycle.end());
    order.nodes.clear();
    return order;
}

} // namespace dibs::schema
