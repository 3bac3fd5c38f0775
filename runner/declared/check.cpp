#include "declared/check.hpp"

#include <map>
#include <string_view>

#include <fmt/format.h>

#include "declared/table_reader.hpp"

namespace dibs::declared {
namespace {

constexpr std::size_t longest_name =
    63; // bytes (NAMEDATALEN - 1): PostgreSQL cuts off the rest without an error

void check_name(const std::string& name, std::string_view what, const Where& where) {
    if (name.empty())
        refuse(where, fmt::format("the name of a {} is empty", what), "Give it one.");
    if (name.size() > longest_name)
        refuse(where,
               fmt::format("the name of the {} {} has {} bytes, and PostgreSQL keeps {}", what, name,
                           name.size(), longest_name),
               "Choose a shorter one.");
    if (name.find('\0') != std::string::npos)
        refuse(where, fmt::format("the name of a {} has a NUL character in it", what), "Take it out.");
}

/// A name that may be left to PostgreSQL.
void check_optional_name(const std::string& name, std::string_view what, const Where& where) {
    if (!name.empty())
        check_name(name, what, where);
}

/// Names of which each may occur once.
class Taken {
  public:
    explicit Taken(std::string place) : place_(std::move(place)) {}

    void take(const std::string& name, std::string_view what, const Where& where) {
        const auto [first, is_new] = names_.emplace(name, std::pair(std::string(what), where));
        if (!is_new)
            refuse(where,
                   fmt::format("the {} {} has a name that is taken{}{}", what, name,
                               place_.empty() ? "" : " ", place_),
                   fmt::format("By the {} at {}. Give one of them another.", first->second.first,
                               text_of(first->second.second)));
    }

  private:
    std::string place_;
    std::map<std::string, std::pair<std::string, Where>> names_;
};

void check_column(const Column& column) {
    check_name(column.name, "column", column.where);
    const int said =
        (column.default_to.empty() ? 0 : 1) + (column.generated.empty() ? 0 : 1) + (column.identity ? 1 : 0);
    if (said > 1)
        refuse(
            column.where,
            fmt::format("the column {} has more than one of default_to, generated and identity", column.name),
            "PostgreSQL takes one of them.");
    if (column.identity && column.nullable)
        refuse(column.where, fmt::format("the identity column {} is a std::optional", column.name),
               "An identity column is never NULL: take the std::optional away.");
    if (!column.renamed_from.empty() && column.renamed_from == column.name)
        refuse(column.where, fmt::format("the column {} is renamed from itself", column.name),
               "Name what it was called before.");
}

void check_table(const Table& table) {
    check_name(table.name.name, "table", table.where);
    check_optional_name(table.name.schema, "schema", table.where);
    if (table.columns.empty())
        refuse(table.where, fmt::format("the table {} has no columns", text_of(table.name)),
               "All members are left out with table.ignore().");
    Taken columns(fmt::format("in the table {}", text_of(table.name)));
    for (const Column& column : table.columns) {
        check_column(column);
        columns.take(column.name, "column", column.where);
    }
    Taken constraints(fmt::format("in the table {}", text_of(table.name)));
    const auto check_constraint = [&](const auto& constraint, std::string_view what) {
        check_optional_name(constraint.name, what, constraint.where);
        if (!constraint.name.empty())
            constraints.take(constraint.name, what, constraint.where);
    };
    if (table.primary_key)
        check_constraint(*table.primary_key, "primary key");
    for (const Key& unique : table.uniques)
        check_constraint(unique, "unique constraint");
    for (const ForeignKey& key : table.foreign_keys)
        check_constraint(key, "foreign key");
    for (const Check& check : table.checks) {
        check_constraint(check, "check");
        if (check.expression.empty())
            refuse(check.where, "a check without an expression", "Say what must be true: \"price > 0\".");
    }
    for (const Exclusion& exclusion : table.exclusions)
        check_constraint(exclusion, "exclusion constraint");
}

void check_labels(const Enumeration& enumeration) {
    Taken labels(fmt::format("in the enum {}", text_of(enumeration.name)));
    for (const std::string& label : enumeration.labels) {
        check_name(label, "label", enumeration.where);
        labels.take(label, "label", enumeration.where);
    }
    if (enumeration.labels.empty())
        refuse(enumeration.where, fmt::format("the enum {} has no labels", enumeration.cpp_type),
               "Enumerators with values from 0 to 127 are found; for others give .labels in DIBS_ENUM.");
}

std::string full(const Name& name, const std::string& own) {
    return (name.schema.empty() ? "public" : name.schema) + "." + own;
}

} // namespace

void check(const Schema& schema) {
    Taken relations(""); // tables and indexes; a table is a type as well
    Taken types("");
    Taken scripts("among DIBS_SQL");
    for (const Enumeration& enumeration : schema.enumerations) {
        check_name(enumeration.name.name, "enum", enumeration.where);
        check_optional_name(enumeration.name.schema, "schema", enumeration.where);
        types.take(full(enumeration.name, enumeration.name.name), "enum", enumeration.where);
        check_labels(enumeration);
    }
    for (const Table& table : schema.tables) {
        check_table(table);
        const std::string name = full(table.name, table.name.name);
        relations.take(name, "table", table.where);
        types.take(name, "table", table.where);
    }
    for (const Table& table : schema.tables) {
        for (const Index& index : table.indexes) {
            check_optional_name(index.name, "index", index.where);
            if (index.name.empty() && !index.comment.empty())
                refuse(index.where, "an index with a comment, but without a name",
                       "Give it one with .name().");
            if (!index.name.empty())
                relations.take(full(table.name, index.name), "index", index.where);
        }
        const auto take = [&](const auto& constraint, std::string_view what) {
            if (!constraint.name.empty())
                relations.take(full(table.name, constraint.name), what, constraint.where);
        };
        if (table.primary_key)
            take(*table.primary_key, "primary key");
        for (const Key& unique : table.uniques)
            take(unique, "unique constraint");
    }
    for (const Script& script : schema.scripts) {
        if (script.name.empty())
            refuse(script.where, "a DIBS_SQL without a name", "Others refer to it by its name.");
        if (script.sql.find_first_not_of(" \t\r\n;") == std::string::npos)
            refuse(script.where, fmt::format("the SQL of {} is empty", script.name),
                   "Write some, or remove it.");
        scripts.take(script.name, "DIBS_SQL", script.where);
    }
}

} // namespace dibs::declared
