#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "database/connection.hpp"
#include "migration/backfill/table.hpp"

namespace dibs::migration {

/// A place in a table: the text of each column of its key, or the number of a page.
using Position = std::vector<std::string>;

/// The order in which a table is walked, as SQL. Where a relation is asked for, its rows are known by the
/// table's name. Shared by all workers: each quotes on its own connection, as libpq lets two threads have
/// none together ("Behavior in Threaded Programs"), not even for that.
class Walk {
  public:
    virtual ~Walk() = default;
    /// True for the rows behind `from` (empty: from the first) up to and with `to`.
    [[nodiscard]] virtual std::string condition(const database::Connection& connection, const Position& from,
                                                const Position& to) const = 0;
    /// A query for the position up to which about so many rows go, behind `from` and not behind `last`: one
    /// row, or none when what is left is no more than that.
    [[nodiscard]] virtual std::string probe(const database::Connection& connection,
                                            const std::string& relation, const Position& from,
                                            const Position& last, std::int64_t rows) const = 0;
    /// "by index users_pkey", for people.
    [[nodiscard]] virtual std::string described() const = 0;
};

/// By a unique index, in its own order.
class KeyWalk final : public Walk {
  public:
    explicit KeyWalk(const BackfillTable& table);
    [[nodiscard]] std::string condition(const database::Connection& connection, const Position& from,
                                        const Position& to) const override;
    [[nodiscard]] std::string probe(const database::Connection& connection, const std::string& relation,
                                    const Position& from, const Position& last,
                                    std::int64_t rows) const override;
    [[nodiscard]] std::string described() const override;
    /// A query for the key of the first row behind `from`, as literals() takes it.
    [[nodiscard]] std::string first(const database::Connection& connection, const Position& from) const;
    /// A query for the last key.
    [[nodiscard]] std::string last() const;
    /// A query for the keys that part the table into so many stretches of about the same size, by a sample of
    /// its pages.
    [[nodiscard]] std::string bounds(unsigned parts) const;
    /// A key as SQL: one value, or a row of them.
    [[nodiscard]] std::string literals(const database::Connection& connection, const Position& key) const;
    /// The author's SQL with these in the places of {first} and {last}.
    [[nodiscard]] std::string with_bounds(const database::Connection& connection, const std::string& sql,
                                          const Position& first, const Position& last) const;
    /// The same with NULL, which PostgreSQL can read while there is no row.
    [[nodiscard]] std::string with_nulls(const std::string& sql) const;

  private:
    [[nodiscard]] std::string literal(const database::Connection& connection, const Position& key,
                                      std::size_t column) const;
    [[nodiscard]] std::string columns() const;
    [[nodiscard]] std::string order(bool backwards) const;
    /// The key compared with this one. @param strict behind, or before, it and not at it
    [[nodiscard]] std::string compared(const database::Connection& connection, const Position& key,
                                       bool behind, bool strict) const;
    [[nodiscard]] std::string between(const database::Connection& connection, const Position& from,
                                      const Position& to) const;

    const BackfillTable& table_;
    bool one_operator_; ///< for all columns, so that whole rows can be compared
};

/// By pages, which lie as they do whatever the rows are; a row that is changed may move to another one.
class PageWalk final : public Walk {
  public:
    /// @param rows_of_page about so many
    PageWalk(const BackfillTable& table, int server_version, std::int64_t rows_of_page)
        : table_(table), server_version_(server_version), rows_of_page_(rows_of_page) {}
    [[nodiscard]] std::string condition(const database::Connection& connection, const Position& from,
                                        const Position& to) const override;
    [[nodiscard]] std::string probe(const database::Connection& connection, const std::string& relation,
                                    const Position& from, const Position& last,
                                    std::int64_t rows) const override;
    [[nodiscard]] std::string described() const override { return "by pages"; }

  private:
    const BackfillTable& table_;
    int server_version_;
    std::int64_t rows_of_page_;
};

} // namespace dibs::migration
