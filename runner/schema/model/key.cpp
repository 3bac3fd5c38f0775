#include "schema/model/key.hpp"

#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "schema/sql/quote.hpp"

namespace dibs::schema {

std::size_t KeyHash::operator()(const Key& key) const noexcept {
    // Eight bytes at a time: std::hash of three short strings took an eighth of what a large diff does.
    constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t hash = static_cast<std::uint64_t>(key.kind);
    for (std::string_view text :
         {std::string_view(key.schema), std::string_view(key.name), std::string_view(key.part)}) {
        hash = (hash ^ text.size()) * odd;
        const auto take = [&](std::uint64_t word) {
            hash = (hash ^ word) * odd;
            hash ^= hash >> 32;
        };
        for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data(), sizeof word);
            take(word);
        }
        std::uint64_t rest = 0;
        text.copy(reinterpret_cast<char*>(&rest), text.size());
        take(rest);
    }
    return hash;
}

std::string_view word(Kind kind) {
    switch (kind) {
    case Kind::schema:
        return "schema";
    case Kind::extension:
        return "extension";
    case Kind::collation:
        return "collation";
    case Kind::enumeration:
        return "enum";
    case Kind::domain:
        return "domain";
    case Kind::domain_constraint:
        return "constraint";
    case Kind::composite:
        return "composite type";
    case Kind::range:
        return "range type";
    case Kind::sequence:
        return "sequence";
    case Kind::function:
        return "function";
    case Kind::procedure:
        return "procedure";
    case Kind::aggregate:
        return "aggregate";
    case Kind::table:
        return "table";
    case Kind::column:
        return "column";
    case Kind::default_value:
        return "default";
    case Kind::constraint:
        return "constraint";
    case Kind::index:
        return "index";
    case Kind::view:
        return "view";
    case Kind::materialized_view:
        return "materialized view";
    case Kind::rule:
        return "rule";
    case Kind::statistics:
        return "statistics";
    case Kind::trigger:
        return "trigger";
    case Kind::policy:
        return "policy";
    case Kind::other:
        break;
    }
    return "object";
}

bool is_type(Kind kind) {
    return kind == Kind::enumeration || kind == Kind::domain || kind == Kind::composite ||
           kind == Kind::range || kind == Kind::collation;
}

bool is_routine(Kind kind) {
    return kind == Kind::function || kind == Kind::procedure || kind == Kind::aggregate;
}

Key table_of(const Key& part) {
    return {Kind::table, part.schema, part.name, ""};
}

Key with_suffix(Key key, std::string_view suffix) {
    constexpr std::size_t longest = 63; // NAMEDATALEN - 1
    key.name = key.name.substr(0, longest - suffix.size()) + std::string(suffix);
    return key;
}

std::string qualified(const Key& key) {
    return key.schema.empty() ? quoted(key.name) : quoted(key.schema) + "." + quoted(key.name);
}

std::string described(const Key& key) {
    switch (key.kind) {
    case Kind::other:
        return key.name;
    case Kind::function:
    case Kind::procedure:
    case Kind::aggregate:
        return fmt::format("{} {}({})", word(key.kind), qualified(key), key.part);
    default:
        return key.part.empty() ? fmt::format("{} {}", word(key.kind), qualified(key))
                                : fmt::format("{} {}.{}", word(key.kind), qualified(key), quoted(key.part));
    }
}

} // namespace dibs::schema
