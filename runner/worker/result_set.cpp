#include "worker/result_set.hpp"

#include <algorithm>
#include <charconv>

#include <dibs/error.hpp>
#include <fmt/format.h>

#include "worker/array.hpp"

namespace dibs::worker {
namespace {

using View = dibs::Parameter::View;

// pg_type.dat: these numbers never change.
enum Type : std::uint32_t {
    boolean = 16,
    bytea = 17,
    int8 = 20,
    int2 = 21,
    int4 = 23,
    text = 25,
    oid = 26,
    float4 = 700,
    float8 = 701,
    numeric = 1700
};

struct ArrayType {
    std::uint32_t array;
    std::uint32_t element;
};
/// Elements of types without a C++ counterpart are read as text.
constexpr ArrayType array_types[] = {
    {1000, boolean}, {1001, bytea},   {1005, int2}, {1007, int4}, {1016, int8}, {1028, oid},  {1021, float4},
    {1022, float8},  {1231, numeric}, {1002, text}, {1003, text}, {1009, text}, {1014, text}, {1015, text},
    {199, text},     {651, text},     {1041, text}, {1115, text}, {1182, text}, {1183, text}, {1185, text},
    {1187, text},    {1270, text},    {2951, text}, {3807, text}};
constexpr std::uint32_t first_user_type = 16384; // FirstNormalObjectId

const ArrayType* find_array(std::uint32_t type) {
    const auto* const found = std::find_if(std::begin(array_types), std::end(array_types),
                                           [&](const ArrayType& a) { return a.array == type; });
    return found == std::end(array_types) ? nullptr : found;
}

dibs::RowSet::Read parse_number(std::string_view text, auto& value) {
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc::result_out_of_range)
        return dibs::RowSet::Read::out_of_range;
    return error == std::errc{} && stopped == end ? dibs::RowSet::Read::ok : dibs::RowSet::Read::wrong_type;
}

int hex_value(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

std::size_t ResultSet::column(const char* name, std::size_t size) const noexcept {
    const std::string_view wanted(name, size);
    std::size_t found = none;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
        if (table_.columns[i].name != wanted)
            continue;
        if (found != none)
            return none;
        found = i;
    }
    return found;
}

dibs::RowSet::Read ResultSet::look(std::size_t row, std::size_t column,
                                   std::string_view& text) const noexcept {
    if (column >= columns())
        return Read::no_such_column;
    if (row >= rows())
        return Read::no_such_row;
    const Table::Cell& cell = table_.cells[row * columns() + column];
    if (cell.size == Table::Cell::null)
        return Read::null;
    text = std::string_view(table_.text).substr(cell.offset, cell.size);
    return Read::ok;
}

dibs::RowSet::Read ResultSet::is_null(std::size_t row, std::size_t column) const noexcept {
    std::string_view text;
    return look(row, column, text);
}

dibs::RowSet::Read ResultSet::boolean(std::size_t row, std::size_t column, bool& value) const noexcept {
    std::string_view text;
    if (const Read read = look(row, column, text); read != Read::ok)
        return read;
    if (type(column) != Type::boolean)
        return Read::wrong_type;
    value = text == "t";
    return Read::ok;
}

dibs::RowSet::Read ResultSet::integer(std::size_t row, std::size_t column,
                                      std::int64_t& value) const noexcept {
    std::string_view text;
    if (const Read read = look(row, column, text); read != Read::ok)
        return read;
    const std::uint32_t t = type(column);
    if (t != Type::int2 && t != Type::int4 && t != Type::int8 && t != Type::oid)
        return Read::wrong_type;
    return parse_number(text, value);
}

dibs::RowSet::Read ResultSet::real(std::size_t row, std::size_t column, double& value) const noexcept {
    std::string_view text;
    if (const Read read = look(row, column, text); read != Read::ok)
        return read;
    const std::uint32_t t = type(column);
    if (t != Type::float4 && t != Type::float8 && t != Type::int2 && t != Type::int4)
        return Read::wrong_type;
    return parse_number(text, value);
}

dibs::RowSet::Read ResultSet::single(std::size_t row, std::size_t column, float& value) const noexcept {
    std::string_view text;
    if (const Read read = look(row, column, text); read != Read::ok)
        return read;
    if (type(column) != Type::float4 && type(column) != Type::int2)
        return Read::wrong_type;
    return parse_number(text, value);
}

dibs::RowSet::Read ResultSet::text(std::size_t row, std::size_t column, View& value) const noexcept {
    std::string_view text;
    if (const Read read = look(row, column, text); read != Read::ok)
        return read;
    if (type(column) == Type::bytea)
        return Read::wrong_type;
    value = {text.data(), text.size()};
    return Read::ok;
}

dibs::RowSet::Read ResultSet::bytes(std::size_t row, std::size_t column, View& value) const {
    std::string_view text;
    if (const Read read = look(row, column, text); read != Read::ok)
        return read;
    if (type(column) != Type::bytea || !text.starts_with("\\x") || text.size() % 2 != 0)
        return Read::wrong_type;
    auto raw = std::make_unique<std::string>();
    for (std::size_t i = 2; i < text.size(); i += 2)
        raw->push_back(static_cast<char>(hex_value(text[i]) * 16 + hex_value(text[i + 1])));
    value = {raw->data(), raw->size()};
    decoded_.push_back(std::move(raw));
    return Read::ok;
}

dibs::RowSet::Read ResultSet::elements(std::size_t row, std::size_t column,
                                       const dibs::RowSet*& value) const {
    std::string_view text;
    if (const Read read = look(row, column, text); read != Read::ok)
        return read;
    const ArrayType* const known = find_array(type(column));
    // Types above are made by users: an enum's array, say, has another number in each database.
    if (known == nullptr && type(column) < first_user_type)
        return Read::wrong_type;
    const auto parsed = parse_array(text);
    if (!parsed)
        return Read::wrong_type;
    Table elements;
    elements.columns.push_back({table_.columns[column].name, known == nullptr ? 0 : known->element});
    for (const auto& element : *parsed)
        elements.add(element);
    arrays_.push_back(std::make_unique<ResultSet>(std::move(elements), origin_, session_));
    value = arrays_.back().get();
    return Read::ok;
}

std::string ResultSet::explain(Read why, std::size_t row, std::size_t column, std::string_view wanted,
                               std::string_view name) const {
    const auto column_text = [&] { return fmt::format("column \"{}\"", table_.columns[column].name); };
    switch (why) {
    case Read::no_such_column: {
        std::string names;
        bool twice = false;
        for (const Table::Column& each : table_.columns) {
            names += (names.empty() ? "" : ", ") + each.name;
            twice = twice || (!name.empty() && each.name == name);
        }
        if (twice)
            return fmt::format("more than one column of the result is called \"{}\"", name);
        if (name.empty())
            return fmt::format("the result has no column {}: it has {} (counted from 0)", column, columns());
        return fmt::format("the result has no column \"{}\": it has {}", name, names);
    }
    case Read::no_such_row:
        return fmt::format("the result has no row {}: it has {} (counted from 0)", row, rows());
    case Read::not_one_row:
        return fmt::format("the query gave {} rows where exactly one is wanted", rows());
    case Read::null:
        return fmt::format("{} is NULL in row {}, and {} cannot hold that", column_text(), rows_before_ + row,
                           wanted);
    case Read::out_of_range: {
        std::string_view text;
        std::ignore = look(row, column, text);
        return fmt::format("{} is {} in row {}, which {} cannot hold", column_text(), text,
                           rows_before_ + row, wanted);
    }
    default:
        return fmt::format("{} is {}, which cannot be read as {}", column_text(),
                           type(column) == 0 ? "an array of another type" : session_.type_name(type(column)),
                           wanted);
    }
}

std::string ResultSet::advice(Read why, std::size_t column) const {
    switch (why) {
    case Read::null:
        return "Read it as std::optional, or keep NULL out with coalesce().";
    case Read::out_of_range:
        return "Read it as a larger type.";
    case Read::wrong_type:
        if (type(column) == Type::bytea)
            return "Read it as std::vector<std::byte>.";
        return "Read it as another type, or cast it in SQL (x::bigint, x::double precision, x::text).";
    case Read::no_such_column:
        return "Give each column a name of its own with AS.";
    default:
        return "";
    }
}

void ResultSet::fail(Read why, std::size_t row, std::size_t column, const char* wanted, View name,
                     dibs::Location where) const {
    const std::string_view asked =
        name.data == nullptr ? std::string_view{} : std::string_view(name.data, name.size);
    const std::string message = explain(why, row, column, wanted, asked);
    const std::string hint = advice(why, column);
    dibs::ErrorFields fields;
    fields.message = message;
    fields.hint = hint;
    fields.sql = origin_.sql;
    fields.file = where.file;
    fields.line = where.line;
    throw dibs::Error(fields);
}

} // namespace dibs::worker
