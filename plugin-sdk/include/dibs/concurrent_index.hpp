#pragma once

#include <initializer_list>

#include <dibs/abi.hpp>
#include <dibs/parameter.hpp>

namespace dibs {
inline namespace abi_v1 {

/// Text that a migration hands over. Made implicitly from a literal, a std::string, a std::string_view; a
/// view, which lives as long as what it was made from.
class Text {
  public:
    template <detail::AsText T>
    Text(const T& text) : view_(detail::view(text)) {}

    [[nodiscard]] Parameter::View view() const { return view_; }

  private:
    Parameter::View view_;
};

/// What MigrationContext::create_index_concurrently() builds, by name and in this order:
///
///     ctx.create_index_concurrently({.table = "orders",
///                                    .columns = {"user_id", "placed_at DESC"},
///                                    .name = "orders_user_id_placed_at_idx"});
///
/// Names are names as they are, which dibs quotes: "Orders" is another table than "orders", and a schema has
/// a field of its own. Columns and conditions are SQL. Append only: new fields come last.
struct ConcurrentIndex {
    Text table; ///< its name; where no schema is given, it is looked for along the search path
    /// A column or expression each, with all that CREATE INDEX takes behind it: "email", "lower(email)",
    /// "(a + b)", "placed_at DESC NULLS LAST", "name text_pattern_ops".
    std::initializer_list<Text> columns;
    Text name; ///< of the index, which PostgreSQL puts into the schema of its table
    bool unique = false;
    Text where = "";                          ///< SQL: only the rows for which this is true
    Text method = "";                         ///< btree where none is given
    std::initializer_list<Text> include = {}; ///< columns that are kept along, and not searched by
    Text with = "";                           ///< SQL: storage parameters, as in "fillfactor = 70"
    Text tablespace = "";                     ///< its name
    Text schema = "";                         ///< of the table: its name
    bool nulls_not_distinct = false;          ///< two NULLs are duplicates (PostgreSQL 15 and later)
};

/// What MigrationContext::drop_index_concurrently() drops, by name and in this order. Append only.
struct ConcurrentIndexDrop {
    Text name;              ///< where no schema is given, it is looked for along the search path
    Text schema = "";       ///< its name
    bool if_exists = false; ///< one that is not there is no error
};

} // namespace abi_v1
} // namespace dibs
