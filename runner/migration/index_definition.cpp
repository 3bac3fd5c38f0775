#include "migration/index_definition.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dibs::migration {
namespace {

/// What stands in front of the table's name, and what behind it.
std::string without_table(std::string_view definition, std::string_view quoted_name) {
    const std::size_t on = definition.find(" ON ");
    const std::string last = fmt::format(".{} USING ", quoted_name);
    const std::size_t end = definition.find(last, on);
    if (end == std::string_view::npos)
        return std::string(definition);
    return fmt::format("{} USING {}", definition.substr(0, on), definition.substr(end + last.size()));
}

} // namespace

std::string create_statement(const worker::IndexDefinition& wanted, std::string_view quoted_table,
                             bool concurrently) {
    std::string sql = fmt::format("CREATE {}INDEX {}{} ON {}", wanted.unique ? "UNIQUE " : "",
                                  concurrently ? "CONCURRENTLY " : "", wanted.name, quoted_table);
    if (!wanted.method.empty())
        sql += " USING " + wanted.method;
    sql += fmt::format(" ({})", fmt::join(wanted.columns, ", "));
    if (!wanted.include.empty())
        sql += fmt::format(" INCLUDE ({})", fmt::join(wanted.include, ", "));
    if (wanted.nulls_not_distinct)
        sql += " NULLS NOT DISTINCT";
    if (!wanted.with.empty())
        sql += fmt::format(" WITH ({})", wanted.with);
    if (!wanted.tablespace.empty() && concurrently)
        sql += " TABLESPACE " + wanted.tablespace;
    if (!wanted.where.empty())
        sql += " WHERE " + wanted.where;
    return sql;
}

bool same_definition(std::string_view one, std::string_view other, std::string_view quoted_name) {
    return without_table(one, quoted_name) == without_table(other, quoted_name);
}

} // namespace dibs::migration
