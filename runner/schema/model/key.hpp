#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>

namespace dibs::schema {

/// What an object is. In the order in which objects of different kinds are made where nothing else orders
/// them.
enum class Kind {
    schema,
    extension,
    collation,
    enumeration,
    domain,
    domain_constraint,
    composite,
    range,
    sequence,
    function,
    procedure,
    aggregate,
    table,
    column,
    default_value,
    constraint,
    index,
    view,
    materialized_view,
    rule,
    statistics,
    trigger,
    policy,
    other, ///< dibs leaves it alone
};

/// "table", "materialized view"
std::string_view word(Kind kind);

/// What an object is called, the same in every database that has it.
struct Key {
    Kind kind = Kind::other;
    std::string schema; ///< empty for what is in none
    std::string name;   ///< of a part of a relation or domain: the relation's, the domain's
    std::string part;   ///< a column's, constraint's, trigger's ... own name; a function's argument types

    [[nodiscard]] auto operator<=>(const Key&) const = default;
};

/// For unordered containers, where much is looked up: of 100,000 keys a tree compares 17 with what it looks
/// for, most of which begin alike.
struct KeyHash {
    [[nodiscard]] std::size_t operator()(const Key& key) const noexcept;
};

/// What a column or an attribute is of; a collation, too.
bool is_type(Kind kind);

/// Called with arguments, whose types are in its key.
bool is_routine(Kind kind);

/// The table of a table's part.
Key table_of(const Key& part);

/// Beside an object: "users__old", no longer than PostgreSQL's names are (NAMEDATALEN).
Key with_suffix(Key key, std::string_view suffix);

/// The relation or domain that a part belongs to, as SQL names it.
std::string qualified(const Key& key);

/// "column public.users.email", "function public.f(integer)"; names are quoted where SQL needs it.
std::string described(const Key& key);

} // namespace dibs::schema
