#pragma once

#include <compare>
#include <set>
#include <string>
#include <vector>

namespace dibs::schema {

/// One privilege of one role. What the owner itself may do is not among them.
struct Grant {
    std::string grantee; ///< empty for PUBLIC
    std::string privilege;
    bool grantable = false;

    [[nodiscard]] auto operator<=>(const Grant&) const = default;
};

/// What every object has besides its definition.
struct Attachments {
    std::string comment;
    std::set<Grant> grants;

    [[nodiscard]] bool operator==(const Attachments&) const = default;
};

/// Storage parameters and their like: "fillfactor=70", in the order in which PostgreSQL keeps them.
using Options = std::vector<std::string>;

} // namespace dibs::schema
