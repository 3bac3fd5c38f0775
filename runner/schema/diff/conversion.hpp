#pragma once

#include <string>

#include "schema/diff/inventory.hpp"

namespace dibs::schema {

/// How a column's values become those of another type.
struct Conversion {
    std::string expression; ///< for USING; empty where PostgreSQL knows by itself
    bool rewrite = true;    ///< every row is written anew
    bool may_fail = false;  ///< for some values
    bool by_text = false;   ///< PostgreSQL has no cast: what a value is written as is read as the other type
    std::string loss = {};  ///< what values lose without a word; empty: nothing
};

/// @param column quoted
/// @param old_model has the type `from`, new_model the type `to`, which may be another one of the same name
Conversion conversion(const std::string& column, const std::string& from, const std::string& to,
                      const Model& old_model, const Model& new_model);

/// "character varying(20)[]" -> "character varying[]"
std::string without_modifier(const std::string& type);

/// Whether the column gets a type of another kind under the same name: a domain for an enum.
bool is_followed_by_another(const Key& column, const Key& type, const Inventory& to);

} // namespace dibs::schema
