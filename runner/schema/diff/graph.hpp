#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace dibs::schema {

/// Things to be done, some before others.
class Graph {
  public:
    /// @param rank what comes first where nothing else decides
    std::size_t add(std::tuple<int, std::string> rank);
    /// Nothing for an edge from a node to itself.
    void before(std::size_t first, std::size_t then);
    [[nodiscard]] std::size_t size() const { return ranks_.size(); }
    [[nodiscard]] const std::set<std::size_t>& after(std::size_t node) const { return successors_[node]; }

    struct Order {
        std::vector<std::size_t> nodes; ///< all, in order; empty when there is a cycle
        std::vector<std::size_t> cycle; ///< each before the next, and the last before the first
    };
    [[nodiscard]] Order sorted() const;

  private:
    std::vector<std::tuple<int, std::string>> ranks_;
    std::vector<std::set<std::size_t>> successors_;
};

} // namespace dibs::schema
