#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

struct pg_result; // libpq's, which only this folder includes

namespace dibs::database {

/// What one statement gave. Owns it; views end with it.
class Result {
  public:
    explicit Result(pg_result* owned) : owned_(owned) {}

    [[nodiscard]] std::size_t rows() const;
    [[nodiscard]] std::size_t columns() const;
    [[nodiscard]] std::string_view column_name(std::size_t column) const;
    [[nodiscard]] std::uint32_t column_type(std::size_t column) const; ///< pg_type.oid
    /// As PostgreSQL writes it; nothing for NULL. Ended by a NUL.
    [[nodiscard]] std::optional<std::string_view> value(std::size_t row, std::size_t column) const;
    /// value(), where the SQL rules NULL out.
    [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const;

    [[nodiscard]] std::uint64_t rows_affected() const; ///< 0 for commands that affect none
    [[nodiscard]] std::string_view tag() const;        ///< the command tag: "INSERT 0 1", "COMMIT"

  private:
    struct Free {
        void operator()(pg_result* result) const noexcept;
    };
    std::unique_ptr<pg_result, Free> owned_;
};

} // namespace dibs::database
