#include "declared/quote.hpp"

#include <algorithm>
#include <array>

namespace dibs::declared {
namespace {

/// The words that quote_ident() quotes: all of pg_get_keywords() but the unreserved, of PostgreSQL 15 and
/// those of later versions ("SQL Key Words"). Sorted.
constexpr std::array keywords = std::to_array<std::string_view>({"all",
                                                                 "analyse",
                                                                 "analyze",
                                                                 "and",
                                                                 "any",
                                                                 "array",
                                                                 "as",
                                                                 "asc",
                                                                 "asymmetric",
                                                                 "authorization",
                                                                 "between",
                                                                 "bigint",
                                                                 "binary",
                                                                 "bit",
                                                                 "boolean",
                                                                 "both",
                                                                 "case",
                                                                 "cast",
                                                                 "char",
                                                                 "character",
                                                                 "check",
                                                                 "coalesce",
                                                                 "collate",
                                                                 "collation",
                                                                 "column",
                                                                 "concurrently",
                                                                 "constraint",
                                                                 "create",
                                                                 "cross",
                                                                 "current_catalog",
                                                                 "current_date",
                                                                 "current_role",
                                                                 "current_schema",
                                                                 "current_time",
                                                                 "current_timestamp",
                                                                 "current_user",
                                                                 "dec",
                                                                 "decimal",
                                                                 "default",
                                                                 "deferrable",
                                                                 "desc",
                                                                 "distinct",
                                                                 "do",
                                                                 "else",
                                                                 "end",
                                                                 "except",
                                                                 "exists",
                                                                 "extract",
                                                                 "false",
                                                                 "fetch",
                                                                 "float",
                                                                 "for",
                                                                 "foreign",
                                                                 "freeze",
                                                                 "from",
                                                                 "full",
                                                                 "grant",
                                                                 "greatest",
                                                                 "group",
                                                                 "grouping",
                                                                 "having",
                                                                 "ilike",
                                                                 "in",
                                                                 "initially",
                                                                 "inner",
                                                                 "inout",
                                                                 "int",
                                                                 "integer",
                                                                 "intersect",
                                                                 "interval",
                                                                 "into",
                                                                 "is",
                                                                 "isnull",
                                                                 "join",
                                                                 "json",
                                                                 "json_array",
                                                                 "json_arrayagg",
                                                                 "json_exists",
                                                                 "json_object",
                                                                 "json_objectagg",
                                                                 "json_query",
                                                                 "json_scalar",
                                                                 "json_serialize",
                                                                 "json_table",
                                                                 "json_value",
                                                                 "lateral",
                                                                 "leading",
                                                                 "least",
                                                                 "left",
                                                                 "like",
                                                                 "limit",
                                                                 "localtime",
                                                                 "localtimestamp",
                                                                 "merge_action",
                                                                 "national",
                                                                 "natural",
                                                                 "nchar",
                                                                 "none",
                                                                 "normalize",
                                                                 "not",
                                                                 "notnull",
                                                                 "null",
                                                                 "nullif",
                                                                 "numeric",
                                                                 "offset",
                                                                 "on",
                                                                 "only",
                                                                 "or",
                                                                 "order",
                                                                 "out",
                                                                 "outer",
                                                                 "overlaps",
                                                                 "overlay",
                                                                 "placing",
                                                                 "position",
                                                                 "precision",
                                                                 "primary",
                                                                 "real",
                                                                 "references",
                                                                 "returning",
                                                                 "right",
                                                                 "row",
                                                                 "select",
                                                                 "session_user",
                                                                 "setof",
                                                                 "similar",
                                                                 "smallint",
                                                                 "some",
                                                                 "substring",
                                                                 "symmetric",
                                                                 "system_user",
                                                                 "table",
                                                                 "tablesample",
                                                                 "then",
                                                                 "time",
                                                                 "timestamp",
                                                                 "to",
                                                                 "trailing",
                                                                 "treat",
                                                                 "trim",
                                                                 "true",
                                                                 "union",
                                                                 "unique",
                                                                 "user",
                                                                 "using",
                                                                 "values",
                                                                 "varchar",
                                                                 "variadic",
                                                                 "verbose",
                                                                 "when",
                                                                 "where",
                                                                 "window",
                                                                 "with",
                                                                 "xmlattributes",
                                                                 "xmlconcat",
                                                                 "xmlelement",
                                                                 "xmlexists",
                                                                 "xmlforest",
                                                                 "xmlnamespaces",
                                                                 "xmlparse",
                                                                 "xmlpi",
                                                                 "xmlroot",
                                                                 "xmlserialize",
                                                                 "xmltable"});

} // namespace

std::string quoted(std::string_view name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    if (!name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
        std::all_of(name.begin(), name.end(), plain) &&
        !std::binary_search(keywords.begin(), keywords.end(), name))
        return std::string(name);
    std::string text = "\"";
    for (const char c : name) {
        text += c;
        if (c == '"')
            text += c;
    }
    return text + '"';
}

std::string quoted(const Name& name) {
    return name.schema.empty() ? quoted(name.name) : quoted(name.schema) + "." + quoted(name.name);
}

std::string literal(std::string_view text) {
    std::string result = text.find('\\') == std::string_view::npos ? "'" : "E'";
    for (const char c : text) {
        result += c;
        if (c == '\'' || c == '\\')
            result += c;
    }
    return result + '\'';
}

} // namespace dibs::declared
