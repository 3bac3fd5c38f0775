#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "schema/sql/attachments.hpp"
#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

void add(std::vector<Statement>& to, std::vector<Statement> more) {
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::int64_t default_start(const Counting& counting) {
    if (counting.increment > 0)
        return counting.minimum.value_or(1);
    return counting.maximum.value_or(-1);
}

std::string identity_clause(const Column& column) {
    const Identity& identity = *column.identity;
    std::string name;
    if (identity.sequence != column.key.name + "_" + column.key.part + "_seq")
        name = qualified({Kind::sequence, column.key.schema, identity.sequence, ""});
    const std::string options = counting_options(identity.counting, name);
    return fmt::format(" GENERATED {} AS IDENTITY{}", identity.always ? "ALWAYS" : "BY DEFAULT",
                       options.empty() ? "" : " (" + options + ")");
}

/// What a column that comes from a parent has otherwise than there.
void add_overrides(const Table& table, const Column& column, const TableParts& parts,
                   std::vector<Statement>& statements) {
    const Column* parents = nullptr;
    for (const Key& key : table.parents)
        if (const Table* parent = parts.parent(key); parents == nullptr && parent != nullptr)
            parents = parent->column(column.key.part);
    if (parents == nullptr)
        return;
    const std::string where =
        "ALTER TABLE ONLY " + qualified(table.key) + " ALTER COLUMN " + quoted(column.key.part);
    if (column.not_null && !parents->not_null)
        statements.emplace_back(where + " SET NOT NULL");
    if (!column.not_null && parents->not_null)
        statements.emplace_back(where + " DROP NOT NULL");
    if (parts.without_default.contains(column.key.part))
        return;
    if (column.has_default() && column.expression != parents->expression)
        statements.emplace_back(where + " SET DEFAULT " + *column.expression);
    if (!column.has_default() && parents->has_default())
        statements.emplace_back(where + " DROP DEFAULT");
}

} // namespace

std::string counting_options(const Counting& counting, const std::string& sequence_name) {
    std::vector<std::string> words;
    if (!sequence_name.empty())
        words.push_back("SEQUENCE NAME " + sequence_name);
    if (counting.start != default_start(counting))
        words.push_back(fmt::format("START WITH {}", counting.start));
    if (counting.increment != 1)
        words.push_back(fmt::format("INCREMENT BY {}", counting.increment));
    if (counting.minimum)
        words.push_back(fmt::format("MINVALUE {}", *counting.minimum));
    if (counting.maximum)
        words.push_back(fmt::format("MAXVALUE {}", *counting.maximum));
    if (counting.cache != 1)
        words.push_back(fmt::format("CACHE {}", counting.cache));
    if (counting.cycle)
        words.push_back("CYCLE");
    return fmt::format("{}", fmt::join(words, " "));
}

std::string option_list(const Options& options) {
    std::string text;
    for (const std::string& option : options) {
        const std::size_t equals = option.find('=');
        std::string name = option.substr(0, equals);
        const std::size_t dot = name.find('.');
        name = dot == std::string::npos ? quoted(name)
                                        : quoted(name.substr(0, dot)) + "." + quoted(name.substr(dot + 1));
        text += fmt::format("{}{}={}", text.empty() ? "" : ", ", name,
                            equals == std::string::npos ? "true" : literal(option.substr(equals + 1)));
    }
    return text;
}

std::string column_definition(const Column& column, bool with_default) {
    std::string text = quoted(column.key.part) + " " + column.type;
    if (!column.compression.empty())
        text += " COMPRESSION " + column.compression;
    if (!column.collation.empty())
        text += " COLLATE " + column.collation;
    if (column.not_null)
        text += " NOT NULL";
    if (column.generated)
        text += fmt::format(" GENERATED ALWAYS AS ({}) STORED", column.expression.value_or(""));
    else if (column.has_default() && with_default)
        text += " DEFAULT " + *column.expression;
    if (column.identity)
        text += identity_clause(column);
    return text;
}

std::vector<Statement> column_parameters(const Column& column) {
    const std::string where =
        "ALTER TABLE ONLY " + qualified(column.key) + " ALTER COLUMN " + quoted(column.key.part);
    std::vector<Statement> statements;
    if (!column.storage.empty())
        statements.emplace_back(where + " SET STORAGE " + column.storage);
    if (column.statistics >= 0)
        statements.emplace_back(fmt::format("{} SET STATISTICS {}", where, column.statistics));
    if (!column.options.empty())
        statements.emplace_back(fmt::format("{} SET ({})", where, option_list(column.options)));
    return statements;
}

std::vector<Statement> column_settings(const Column& column) {
    std::vector<Statement> statements = column_parameters(column);
    add(statements, attach(column.key, {}, column.attached));
    return statements;
}

std::string constraint_definition(const Constraint& constraint) {
    std::string text = constraint.definition;
    if (constraint.deferrable)
        text += " DEFERRABLE";
    if (constraint.deferred)
        text += " INITIALLY DEFERRED";
    if (!constraint.validated)
        text += " NOT VALID";
    return text;
}

std::vector<Statement> create(const Table& table, const TableParts& parts) {
    std::vector<std::string> elements;
    std::vector<Statement> after;
    const bool inherits = !table.is_partition() && !table.parents.empty();
    for (const Column& column : table.columns) {
        if (inherits && !column.local) {
            add_overrides(table, column, parts, after);
        } else {
            elements.push_back(column_definition(column, !parts.without_default.contains(column.key.part)));
        }
        add(after, column_settings(column));
    }
    for (const Constraint* constraint : parts.constraints)
        elements.push_back(fmt::format("CONSTRAINT {} {}", quoted(constraint->key.part),
                                       constraint_definition(*constraint)));
    std::string sql =
        fmt::format("CREATE {}TABLE {} (", table.unlogged ? "UNLOGGED " : "", qualified(table.key));
    for (std::size_t i = 0; i < elements.size(); ++i)
        sql += fmt::format("\n    {}{}", elements[i], i + 1 < elements.size() ? "," : "\n");
    sql += ")";
    if (inherits) {
        std::vector<std::string> parents;
        for (const Key& parent : table.parents)
            parents.push_back(qualified(parent));
        sql += fmt::format("\nINHERITS ({})", fmt::join(parents, ", "));
    }
    if (!table.partitioned_by.empty())
        sql += " PARTITION BY " + table.partitioned_by;
    if (!table.access_method.empty())
        sql += "\nUSING " + quoted(table.access_method);
    if (!table.options.empty())
        sql += fmt::format("\nWITH ({})", option_list(table.options));
    std::vector<Statement> statements{Statement(std::move(sql))};
    add(statements, std::move(after));
    const std::string alter = "ALTER TABLE " + qualified(table.key);
    if (table.row_security)
        statements.emplace_back(alter + " ENABLE ROW LEVEL SECURITY");
    if (table.force_row_security)
        statements.emplace_back(alter + " FORCE ROW LEVEL SECURITY");
    if (table.replica_identity == 'f' || table.replica_identity == 'n')
        statements.emplace_back(alter + " REPLICA IDENTITY " +
                                (table.replica_identity == 'f' ? "FULL" : "NOTHING"));
    add(statements, attach(table.key, {}, table.attached));
    for (const Constraint* constraint : parts.constraints) {
        add(statements, attach(constraint->key, {}, constraint->attached));
        if (!constraint->index_comment.empty())
            statements.emplace_back(comment_on_index(*constraint));
        if (constraint->clustered)
            statements.emplace_back(alter + " CLUSTER ON " + quoted(constraint->key.part));
        if (constraint->replica_identity)
            statements.emplace_back(alter + " REPLICA IDENTITY USING INDEX " + quoted(constraint->key.part));
    }
    return statements;
}

std::vector<Statement> create(const Column& column) {
    std::vector<Statement> statements{Statement(
        fmt::format("ALTER TABLE {} ADD COLUMN {}", qualified(column.key), column_definition(column, true)))};
    add(statements, column_settings(column));
    return statements;
}

std::vector<Statement> create(const Constraint& constraint, bool only) {
    const std::string alter = fmt::format("ALTER TABLE {}{}", only ? "ONLY " : "", qualified(constraint.key));
    std::vector<Statement> statements{Statement(fmt::format(
        "{} ADD CONSTRAINT {} {}", alter, quoted(constraint.key.part), constraint_definition(constraint)))};
    if (constraint.clustered)
        statements.emplace_back(alter + " CLUSTER ON " + quoted(constraint.key.part));
    if (constraint.replica_identity)
        statements.emplace_back(alter + " REPLICA IDENTITY USING INDEX " + quoted(constraint.key.part));
    add(statements, attach(constraint.key, {}, constraint.attached));
    if (!constraint.index_comment.empty())
        statements.emplace_back(comment_on_index(constraint));
    return statements;
}

std::vector<Statement> create(const Index& index, bool only) {
    std::vector<Statement> statements{
        Statement(fmt::format("CREATE {}INDEX {} ON {}{}", index.unique ? "UNIQUE " : "",
                              quoted(index.key.name), only ? "ONLY " : "", index.definition))};
    const std::string alter = "ALTER TABLE " + qualified(index.table);
    if (index.clustered)
        statements.emplace_back(fmt::format("ALTER {} {} CLUSTER ON {}",
                                            index.table.kind == Kind::table ? "TABLE" : "MATERIALIZED VIEW",
                                            qualified(index.table), quoted(index.key.name)));
    if (index.replica_identity)
        statements.emplace_back(alter + " REPLICA IDENTITY USING INDEX " + quoted(index.key.name));
    for (const std::string& target : index.statistics) {
        const std::size_t equals = target.find('=');
        statements.emplace_back(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}",
                                            qualified(index.key), target.substr(0, equals),
                                            target.substr(equals + 1)));
    }
    add(statements, attach(index.key, {}, index.attached));
    return statements;
}

std::string set_default(const Column& column) {
    return fmt::format("ALTER TABLE ONLY {} ALTER COLUMN {} SET DEFAULT {}", qualified(column.key),
                       quoted(column.key.part), column.expression.value_or("NULL"));
}

std::string attach_partition(const Table& child) {
    return fmt::format("ALTER TABLE {} ATTACH PARTITION {} {}", qualified(child.parents.front()),
                       qualified(child.key), child.bounds);
}

std::string detach_partition(const Table& child) {
    return fmt::format("ALTER TABLE {} DETACH PARTITION {}", qualified(child.parents.front()),
                       qualified(child.key));
}

} // namespace dibs::schema
