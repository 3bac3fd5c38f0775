#include "schema/diff/online.hpp"

#include <fmt/format.h>

#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"
#include "schema/sql/scan.hpp"

namespace dibs::schema {
namespace {

using Way = Piece::Way;

constexpr std::size_t longest_name = 63; // NAMEDATALEN - 1

std::string with_suffix(const std::string& name, std::string_view suffix) {
    return name.substr(0, longest_name - suffix.size()) + std::string(suffix);
}

Key aside(Key index) {
    index.name = with_suffix(index.name, "__old");
    return index;
}

std::string alter(const Key& part) {
    return "ALTER TABLE " + qualified(table_of(part));
}

Piece build(const Key& index, const std::string& definition, bool unique) {
    Piece piece;
    piece.way = Way::build_index;
    piece.sql = fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {}", unique ? "UNIQUE " : "",
                            quoted(index.name), definition);
    piece.index = index;
    piece.definition = definition;
    piece.unique = unique;
    return piece;
}

/// The index behind "UNIQUE NULLS NOT DISTINCT (a, b) INCLUDE (c)", as CREATE INDEX has it.
std::string index_definition(const Constraint& constraint) {
    constexpr std::string_view not_distinct = " NULLS NOT DISTINCT";
    const std::string& text = constraint.definition;
    const std::size_t open = find_outside_quotes(text, '(');
    const bool nulls = text.substr(0, open).find(not_distinct) != std::string::npos;
    return fmt::format("{} USING btree {}{}", qualified(table_of(constraint.key)), text.substr(open),
                       nulls ? not_distinct : "");
}

} // namespace

std::vector<Piece> build_online(const Index& index) {
    return {build(index.key, index.definition, index.unique)};
}

std::vector<Piece> drop_online(const Key& index) {
    Piece piece;
    piece.way = Way::drop_index;
    piece.sql = "DROP INDEX CONCURRENTLY " + qualified(index);
    piece.index = index;
    return {piece};
}

std::vector<Piece> set_aside(const Key& index) {
    return {{Way::transaction,
             fmt::format("ALTER INDEX {} RENAME TO {}", qualified(index), quoted(aside(index).name))}};
}

std::vector<Piece> replace_online(const Index& index) {
    return {build(index.key, index.definition, index.unique), drop_online(aside(index.key)).front()};
}

Piece validate_online(const Key& constraint) {
    Piece piece;
    piece.way = Way::outside;
    piece.sql = fmt::format("{} VALIDATE CONSTRAINT {}", alter(constraint), quoted(constraint.part));
    piece.awaited = false;
    return piece;
}

std::vector<Piece> add_online(const Constraint& constraint) {
    const std::string add =
        fmt::format("{} ADD CONSTRAINT {} ", alter(constraint.key), quoted(constraint.key.part));
    switch (constraint.type) {
    case Constraint::Type::foreign_key:
    case Constraint::Type::check: {
        if (!constraint.validated)
            return {};
        Constraint unchecked = constraint;
        unchecked.validated = false;
        return {{Way::transaction, add + constraint_definition(unchecked)}, validate_online(constraint.key)};
    }
    case Constraint::Type::primary_key:
    case Constraint::Type::unique: {
        const Key index{Kind::index, constraint.key.schema, constraint.key.part, ""};
        std::string use = fmt::format(
            "{}{} USING INDEX {}", add,
            constraint.type == Constraint::Type::primary_key ? "PRIMARY KEY" : "UNIQUE", quoted(index.name));
        if (constraint.deferrable)
            use += " DEFERRABLE";
        if (constraint.deferred)
            use += " INITIALLY DEFERRED";
        return {build(index, index_definition(constraint), true), {Way::transaction, std::move(use)}};
    }
    case Constraint::Type::exclusion:
        return {};
    }
    return {};
}

std::vector<Piece> require_online(const Key& column) {
    Key check = column;
    check.part = with_suffix(column.name + "_" + column.part, "_required");
    const std::string name = quoted(check.part);
    Piece validate = validate_online(check);
    validate.awaited = true;
    return {{Way::transaction, fmt::format("{} ADD CONSTRAINT {} CHECK ({} IS NOT NULL) NOT VALID",
                                           alter(column), name, quoted(column.part))},
            std::move(validate),
            {Way::transaction,
             fmt::format("{} ALTER COLUMN {} SET NOT NULL", alter(column), quoted(column.part))},
            {Way::transaction, fmt::format("{} DROP CONSTRAINT {}", alter(column), name)}};
}

} // namespace dibs::schema
