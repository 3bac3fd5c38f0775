#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "schema/model/key.hpp"
#include "schema/model/object.hpp"

namespace dibs::schema {

/// What a sequence counts like. A bound that is its type's own is nothing.
struct Counting {
    std::string type; ///< smallint, integer, bigint
    std::int64_t start = 1;
    std::int64_t increment = 1;
    std::optional<std::int64_t> minimum;
    std::optional<std::int64_t> maximum;
    std::int64_t cache = 1;
    bool cycle = false;

    [[nodiscard]] bool operator==(const Counting&) const = default;
};

/// A sequence that stands alone or is owned by a column; an identity column's is in Column.
struct Sequence {
    Key key;
    Attachments attached;
    Counting counting;
    bool unlogged = false;
    std::optional<Key> owner; ///< column

    [[nodiscard]] bool operator==(const Sequence&) const = default;
};

} // namespace dibs::schema
