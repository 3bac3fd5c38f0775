#pragma once

#include <string>

#include "schema/model/key.hpp"
#include "schema/model/object.hpp"

namespace dibs::schema {

/// A function, window functions included, a procedure or an aggregate.
struct Function {
    Key key; ///< part: its input types, "integer, text"
    Attachments attached;
    std::string definition; ///< pg_get_functiondef(), or CREATE AGGREGATE
    std::string arguments;  ///< pg_get_function_identity_arguments(): modes, names, types
    std::string result;     ///< pg_get_function_result()
    bool window = false;
    int defaults = 0; ///< arguments that have one

    [[nodiscard]] bool operator==(const Function&) const = default;
};

} // namespace dibs::schema
