#include "database/result.hpp"

#include <charconv>

#include <libpq-fe.h>

namespace dibs::database {

void Result::Free::operator()(pg_result* result) const noexcept {
    PQclear(result);
}

std::size_t Result::rows() const {
    return static_cast<std::size_t>(PQntuples(owned_.get()));
}

std::size_t Result::columns() const {
    return static_cast<std::size_t>(PQnfields(owned_.get()));
}

std::string_view Result::column_name(std::size_t column) const {
    return PQfname(owned_.get(), static_cast<int>(column));
}

std::uint32_t Result::column_type(std::size_t column) const {
    return PQftype(owned_.get(), static_cast<int>(column));
}

std::optional<std::string_view> Result::value(std::size_t row, std::size_t column) const {
    const int at_row = static_cast<int>(row);
    const int at_column = static_cast<int>(column);
    if (PQgetisnull(owned_.get(), at_row, at_column) != 0)
        return std::nullopt;
    return std::string_view(PQgetvalue(owned_.get(), at_row, at_column),
                            static_cast<std::size_t>(PQgetlength(owned_.get(), at_row, at_column)));
}

std::string_view Result::text(std::size_t row, std::size_t column) const {
    return value(row, column).value_or(std::string_view{});
}

std::uint64_t Result::rows_affected() const {
    const std::string_view digits = PQcmdTuples(owned_.get());
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
}

std::string_view Result::tag() const {
    return PQcmdStatus(owned_.get());
}

} // namespace dibs::database
