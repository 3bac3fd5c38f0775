#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "schema/read/queries.hpp"

namespace dibs::schema {
namespace {

/// Operators and the like: their catalogs, and which of their rows.
constexpr std::array left_alone_catalogs = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"pg_class", "relkind = 'f'"},
    {"pg_type", "typtype = 'b' AND typelem = 0"},
    {"pg_range", ""},
    {"pg_operator", ""},
    {"pg_opclass", ""},
    {"pg_opfamily", ""},
    {"pg_am", ""},
    {"pg_cast", ""},
    {"pg_conversion", ""},
    {"pg_language", ""},
    {"pg_ts_config", ""},
    {"pg_ts_dict", ""},
    {"pg_ts_parser", ""},
    {"pg_ts_template", ""},
    {"pg_foreign_data_wrapper", ""},
    {"pg_foreign_server", ""},
    {"pg_event_trigger", ""},
    {"pg_publication", ""},
    {"pg_transform", ""},
    {"pg_default_acl", ""},
});

} // namespace

std::string left_alone_query() {
    std::string all;
    for (const auto& [catalog, condition] : left_alone_catalogs) {
        all += all.empty() ? "" : " UNION ALL ";
        if (catalog == "pg_range") // made through a function that is made after the type: no single statement
            all += "SELECT 'pg_catalog.pg_type'::regclass::oid AS class, rngtypid AS id FROM "
                   "pg_catalog.pg_range "
                   "WHERE rngtypid >= 16384 AND rngcanonical <> 0";
        else
            all +=
                fmt::format("SELECT 'pg_catalog.{0}'::regclass::oid AS class, oid AS id FROM pg_catalog.{0} "
                            "WHERE oid >= 16384{1}{2}",
                            catalog, condition.empty() ? "" : " AND ", condition);
    }
    return "SELECT o.class, o.id, n.type || ' ' || n.identity FROM (" + all +
           ") o, LATERAL pg_catalog.pg_identify_object(o.class, o.id, 0) n "
           // What a range type brings along, say.
           "WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = o.class AND d.objid = "
           "o.id "
           "AND d.deptype = 'i')";
}

} // namespace dibs::schema
