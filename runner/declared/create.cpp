#include <fmt/format.h>
#include <fmt/ranges.h>

#include "declared/ddl.hpp"
#include "declared/quote.hpp"

namespace dibs::declared {
namespace {

std::string list(const std::vector<std::string>& names) {
    std::vector<std::string> words;
    for (const std::string& name : names)
        words.push_back(quoted(name));
    return fmt::format("({})", fmt::join(words, ", "));
}

std::string constraint_name(const std::string& name) {
    return name.empty() ? "" : "CONSTRAINT " + quoted(name) + " ";
}

std::string deferrable(Deferrable how) {
    switch (how) {
    case Deferrable::initially_immediate:
        return " DEFERRABLE";
    case Deferrable::initially_deferred:
        return " DEFERRABLE INITIALLY DEFERRED";
    case Deferrable::no:
        break;
    }
    return "";
}

std::string identity(const Identity& identity) {
    std::vector<std::string> options;
    const auto option = [&](const char* words, const std::optional<std::int64_t>& number) {
        if (number)
            options.push_back(fmt::format("{} {}", words, *number));
    };
    option("START WITH", identity.start);
    option("INCREMENT BY", identity.increment);
    option("MINVALUE", identity.minimum);
    option("MAXVALUE", identity.maximum);
    option("CACHE", identity.cache);
    if (identity.cycle)
        options.emplace_back("CYCLE");
    return fmt::format("GENERATED {} AS IDENTITY{}", identity.by_default ? "BY DEFAULT" : "ALWAYS",
                       options.empty() ? "" : fmt::format(" ({})", fmt::join(options, " ")));
}

std::string element(const Element& element) {
    std::string text = element.column.empty() ? "(" + element.expression + ")" : quoted(element.column);
    if (!element.collation.empty())
        text += " COLLATE " + quoted(element.collation);
    if (!element.operator_class.empty())
        text += " " + element.operator_class;
    if (element.order != Order::unsaid)
        text += element.order == Order::descending ? " DESC" : " ASC";
    if (element.nulls != Nulls::unsaid)
        text += element.nulls == Nulls::first ? " NULLS FIRST" : " NULLS LAST";
    if (!element.with_operator.empty())
        text += " WITH " + element.with_operator;
    return text;
}

std::string elements(const std::vector<Element>& all) {
    std::vector<std::string> words;
    for (const Element& one : all)
        words.push_back(element(one));
    return fmt::format("({})", fmt::join(words, ", "));
}

std::string include(const std::vector<std::string>& columns) {
    return columns.empty() ? "" : " INCLUDE " + list(columns);
}

std::string key(const Key& key, const char* kind) {
    return fmt::format("{}{}{} {}{}{}", constraint_name(key.name), kind,
                       key.nulls_not_distinct ? " NULLS NOT DISTINCT" : "", list(key.columns),
                       include(key.include), deferrable(key.deferrable));
}

std::string check(const Check& check) {
    return fmt::format("{}CHECK ({}){}", constraint_name(check.name), check.expression,
                       check.no_inherit ? " NO INHERIT" : "");
}

std::string action(const char* event, Action action) {
    switch (action) {
    case Action::no_action:
        break;
    case Action::restrict:
        return fmt::format(" {} RESTRICT", event);
    case Action::cascade:
        return fmt::format(" {} CASCADE", event);
    case Action::set_null:
        return fmt::format(" {} SET NULL", event);
    case Action::set_default:
        return fmt::format(" {} SET DEFAULT", event);
    }
    return "";
}

std::string column(const Column& column) {
    std::string text = quoted(column.name) + " " + column.type;
    for (const std::string& word : words_of(column))
        text += " " + word;
    return text;
}

} // namespace

std::vector<std::string> words_of(const Column& column) {
    std::vector<std::string> words;
    if (!column.collation.empty())
        words.push_back("COLLATE " + quoted(column.collation));
    if (!column.nullable)
        words.emplace_back("NOT NULL");
    if (!column.default_to.empty())
        words.push_back("DEFAULT " + column.default_to);
    if (!column.generated.empty())
        words.push_back(fmt::format("GENERATED ALWAYS AS ({}) STORED", column.generated));
    if (column.identity)
        words.push_back(identity(*column.identity));
    return words;
}

std::string definition(const Exclusion& exclusion) {
    return fmt::format("EXCLUDE USING {} {}{}{}", quoted(exclusion.method), elements(exclusion.elements),
                       exclusion.condition.empty() ? "" : fmt::format(" WHERE ({})", exclusion.condition),
                       deferrable(exclusion.deferrable));
}

std::vector<std::string> constraints_in(const Table& table) {
    std::vector<std::string> lines;
    if (table.primary_key)
        lines.push_back(key(*table.primary_key, "PRIMARY KEY"));
    for (const Key& unique : table.uniques)
        lines.push_back(key(unique, "UNIQUE"));
    for (const Check& one : table.checks)
        lines.push_back(check(one));
    for (const Exclusion& one : table.exclusions)
        lines.push_back(constraint_name(one.name) + definition(one));
    return lines;
}

std::string create_table(const Table& table) {
    std::vector<std::string> lines;
    for (const Column& one : table.columns)
        lines.push_back(column(one));
    const std::vector<std::string> constraints = constraints_in(table);
    lines.insert(lines.end(), constraints.begin(), constraints.end());
    return fmt::format("CREATE TABLE {} (\n    {}\n)", quoted(table.name), fmt::join(lines, ",\n    "));
}

std::string definition(const ForeignKey& key) {
    return fmt::format("{}FOREIGN KEY {} REFERENCES {} {}{}{}{}{}", constraint_name(key.name),
                       list(key.columns), quoted(key.target), list(key.target_columns),
                       key.match_full ? " MATCH FULL" : "", action("ON DELETE", key.on_delete),
                       action("ON UPDATE", key.on_update), deferrable(key.deferrable));
}

std::string definition(const Index& index) {
    return fmt::format("{}{}{}{}{}{}",
                       index.method.empty() ? "" : fmt::format("USING {} ", quoted(index.method)),
                       elements(index.elements), include(index.include),
                       index.nulls_not_distinct ? " NULLS NOT DISTINCT" : "",
                       index.storage.empty() ? "" : fmt::format(" WITH ({})", index.storage),
                       index.condition.empty() ? "" : fmt::format(" WHERE {}", index.condition));
}

std::string create_index(const Table& table, const Index& index) {
    return fmt::format("CREATE {}INDEX {}ON {} {}", index.unique ? "UNIQUE " : "",
                       index.name.empty() ? "" : quoted(index.name) + " ", quoted(table.name),
                       definition(index));
}

std::string create_enum(const Enumeration& enumeration) {
    std::vector<std::string> labels;
    for (const std::string& label : enumeration.labels)
        labels.push_back(literal(label));
    return fmt::format("CREATE TYPE {} AS ENUM ({})", quoted(enumeration.name), fmt::join(labels, ", "));
}

std::vector<Statement> comments(const Table& table) {
    std::vector<Statement> statements;
    if (!table.comment.empty())
        statements.push_back(
            {fmt::format("COMMENT ON TABLE {} IS {}", quoted(table.name), literal(table.comment)),
             table.where});
    for (const Column& one : table.columns)
        if (!one.comment.empty())
            statements.push_back({fmt::format("COMMENT ON COLUMN {}.{} IS {}", quoted(table.name),
                                              quoted(one.name), literal(one.comment)),
                                  one.where});
    return statements;
}

} // namespace dibs::declared
