#pragma once

#include <string>
#include <vector>

#include "schema/model/object.hpp"
#include "schema/model/table.hpp"

namespace dibs::schema {

/// A view or a materialized view.
struct View {
    Key key;
    Attachments attached;
    std::string definition; ///< pg_get_viewdef()
    Options options;
    std::vector<Column> columns;
    bool populated = true; ///< a materialized view with data
    std::string access_method;
    Size size;

    [[nodiscard]] const Column* column(const std::string& name) const {
        for (const Column& each : columns)
            if (each.key.part == name)
                return &each;
        return nullptr;
    }
};

} // namespace dibs::schema
