#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "database/result.hpp"

namespace dibs::schema {

/// What PostgreSQL writes out once for all that are of one shape: indexes on columns of the same names and
/// types, with the same of everything else, and keys made of such. pg_get_indexdef() looks through all
/// operator classes for each column: of 10,000 indexes that was a third of what reading a schema took the
/// server, and large schemas are large by repetition.
class Definitions {
  public:
    /// @param results of catalog_queries(), which outlive this
    explicit Definitions(std::span<const database::Result> results);

    /// Asks for one of each shape. For the transaction in which the results were read.
    [[nodiscard]] std::string query() const;
    /// What query() gave.
    void take(const database::Result& answer);

    /// Of a row of Catalog::indexes, from its access method on: "btree (email)". Nothing for one that the row
    /// itself defines.
    [[nodiscard]] std::string_view of_index(std::size_t row) const;
    /// Of a row of Catalog::constraints: "PRIMARY KEY (id)".
    [[nodiscard]] std::string_view of_constraint(std::size_t row) const;

  private:
    using Shape = std::size_t;
    static constexpr Shape none = static_cast<Shape>(-1);

    struct Asked {
        std::uint32_t oid;
        bool constraint;
    };

    void read_indexes(std::span<const database::Result> results);
    void read_constraints(std::span<const database::Result> results);
    [[nodiscard]] std::string_view text(const std::vector<Shape>& shapes, std::size_t row) const;

    std::vector<Asked> asked_;                      ///< by shape
    std::vector<std::string> texts_;                ///< by shape
    std::vector<Shape> indexes_;                    ///< by row
    std::vector<Shape> constraints_;                ///< by row
    std::unordered_map<std::uint32_t, Shape> keys_; ///< shapes of indexes behind constraints
};

/// pg_get_indexdef() from behind " ON ": what stands before is known.
std::string_view after_name(std::string_view definition);

} // namespace dibs::schema
