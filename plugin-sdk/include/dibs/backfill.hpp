#pragma once

#include <cstdint>
#include <string_view>

#include <dibs/abi.hpp>
#include <dibs/concurrent_index.hpp>
#include <dibs/options.hpp>
#include <dibs/parameter.hpp>

namespace dibs {
inline namespace abi_v1 {

namespace detail {

// Constants, because clang++ 14 does not evaluate a consteval constructor in a default member initializer
// when it compiles: the call would be left to the linker.
inline constexpr Duration usual_batch_time = "200ms";
inline constexpr Duration usual_pause = "0";
inline constexpr Duration usual_max_lag = "10s";

} // namespace detail

/// What MigrationContext::backfill() does, by name and in this order:
///
///     ctx.backfill({.table = "users", .set = "bio = 'No bio yet'", .where = "bio IS NULL"});
///
/// Names are names as they are, which dibs quotes, and a schema has a field of its own; the rest is SQL, in
/// which the table is known by its name. Append only: new fields come last.
struct Backfill {
    Text table; ///< its name; where no schema is given, it is looked for along the search path
    /// What stands behind SET in an UPDATE. Where it makes `where` false, rows that others insert or change
    /// meanwhile are looked for at the end, and are done too; else nothing is claimed about those.
    Text set = "";
    Text where = ""; ///< only the rows for which this is true
    /// By which it is known in `dibs backfill` and require_backfill(): one line. That of the migration where
    /// none is given.
    Text name = "";
    Text schema = ""; ///< of the table: its name
    /// Instead of `set`: a whole statement for each batch, with {first} and {last} for the keys of its first
    /// and last row: "UPDATE users SET ... WHERE id BETWEEN {first} AND {last}"; a row of values where the
    /// key has several columns: "... WHERE (a, b) BETWEEN {first} AND {last}".
    Text sql = "";
    /// The name of the unique index by which to walk. Where none is given: the primary key, or another on
    /// columns that are NOT NULL; a table without one goes by pages, which needs `set`, and a `where` that
    /// `set` makes false.
    Text key = "";
    std::uint32_t batch_size = 0; ///< rows of the table in each batch; 0: as many as take batch_time
    /// What a batch is to take, and so how long others may wait for its rows: "200ms" where none is given.
    Duration batch_time = detail::usual_batch_time;
    Duration pause = detail::usual_pause; ///< after each batch; none where none is given
    std::uint32_t workers = 1;            ///< connections at work at once, 1 to 32
    /// Waits while a standby is behind by more: "10s" where none is given; "0": does not look.
    Duration max_lag = detail::usual_max_lag;
    Text only_while = ""; ///< a query of one boolean: waits while it is not true
};

/// A batch, as the function given to MigrationContext::backfill() gets it: for as long as that runs.
class Batch {
  public:
    /// What crosses the boundary.
    struct View {
        Parameter::View table;     ///< quoted, with its schema
        Parameter::View condition; ///< true for the batch's rows, `where` included
    };
    explicit Batch(const View& view) : view_(view) {}

    /// The table, quoted, with its schema.
    [[nodiscard]] std::string_view table() const { return {view_.table.data, view_.table.size}; }
    /// SQL that is true for the rows of this batch and for no others, for a WHERE clause of a statement in
    /// which the table is known by its name.
    [[nodiscard]] std::string_view condition() const { return {view_.condition.data, view_.condition.size}; }

  private:
    View view_;
};

} // namespace abi_v1
} // namespace dibs
