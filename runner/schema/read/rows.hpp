#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "database/result.hpp"
#include "schema/read/queries.hpp"

namespace dibs::schema {

/// A row of a catalog query.
class Row {
  public:
    Row(const database::Result& result, std::size_t row) : result_(&result), row_(row) {}

    [[nodiscard]] std::size_t place() const { return row_; } ///< in the result
    [[nodiscard]] bool null(std::size_t column) const { return !result_->value(row_, column); }
    [[nodiscard]] std::string_view view(std::size_t column) const { return result_->text(row_, column); }
    [[nodiscard]] std::string text(std::size_t column) const { return std::string(view(column)); }
    [[nodiscard]] bool flag(std::size_t column) const { return view(column) == "t"; }
    [[nodiscard]] char letter(std::size_t column) const {
        const std::string_view value = view(column);
        return value.empty() ? '\0' : value.front();
    }
    [[nodiscard]] std::int64_t number(std::size_t column) const { return parse(view(column)); }
    [[nodiscard]] std::uint32_t oid(std::size_t column) const {
        return static_cast<std::uint32_t>(number(column));
    }
    /// The elements of "{1,2}" or "1 2".
    [[nodiscard]] std::vector<int> numbers(std::size_t column) const {
        std::vector<int> all;
        std::string_view rest = view(column);
        while (!rest.empty()) {
            const std::size_t end = rest.find_first_of("{}, ");
            const std::string_view word = rest.substr(0, end);
            if (!word.empty())
                all.push_back(static_cast<int>(parse(word)));
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
        return all;
    }
    /// What `separator` stands between.
    [[nodiscard]] std::vector<std::string> list(std::size_t column) const {
        std::vector<std::string> all;
        std::string_view rest = view(column);
        while (!rest.empty()) {
            const std::size_t end = rest.find(separator);
            all.emplace_back(rest.substr(0, end));
            rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        }
        return all;
    }

  private:
    static std::int64_t parse(std::string_view digits) {
        std::int64_t value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
        return value;
    }

    const database::Result* result_;
    std::size_t row_;
};

/// Calls f with each row.
template <class F>
void each_row(const database::Result& result, F f) {
    for (std::size_t row = 0; row < result.rows(); ++row)
        f(Row(result, row));
}

} // namespace dibs::schema
