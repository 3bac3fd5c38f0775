#pragma once

#include <optional>
#include <string>
#include <vector>

#include "schema/model/key.hpp"
#include "schema/model/object.hpp"

namespace dibs::schema {

struct Enumeration {
    Key key;
    Attachments attached;
    std::vector<std::string> labels;

    [[nodiscard]] bool operator==(const Enumeration&) const = default;
};

struct Domain {
    Key key;
    Attachments attached;
    std::string type;
    std::string collation; ///< quoted; empty where it is the type's
    bool not_null = false;
    std::optional<std::string> default_value;

    [[nodiscard]] bool operator==(const Domain&) const = default;
};

struct DomainConstraint {
    Key key;
    Attachments attached;
    std::string definition; ///< without NOT VALID
    bool validated = true;

    [[nodiscard]] bool operator==(const DomainConstraint&) const = default;
};

struct Composite {
    struct Attribute {
        std::string name;
        std::string type;
        std::string collation;
        std::string comment;

        [[nodiscard]] bool operator==(const Attribute&) const = default;
    };

    Key key;
    Attachments attached;
    std::vector<Attribute> attributes;

    [[nodiscard]] bool operator==(const Composite&) const = default;
};

/// An object that is made again when it differs: a range type, a collation, a statistics object.
struct Made {
    Key key;
    Attachments attached;
    std::string definition; ///< the whole statement
    int target = -1;        ///< of a statistics object, -1 for the default

    [[nodiscard]] bool operator==(const Made&) const = default;
};

} // namespace dibs::schema
