#pragma once

#include <string>

#include "schema/model/model.hpp"

namespace dibs::schema {

/// How a column's values become those of another type.
struct Conversion {
    std::string expression; ///< for USING; empty where PostgreSQL knows by itself
    bool rewrite = true;    ///< every row is written anew
    bool may_fail = false;  ///< for some values
};

/// @param column quoted
Conversion conversion(const std::string& column, const std::string& from, const std::string& to,
                      const Model& model);

/// "character varying(20)[]" -> "character varying[]"
std::string without_modifier(const std::string& type);

} // namespace dibs::schema
