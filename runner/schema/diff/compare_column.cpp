#include <algorithm>

#include <fmt/format.h>

#include "schema/diff/compare.hpp"
#include "schema/diff/conversion.hpp"
#include "schema/diff/online.hpp"
#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

std::string alter_column(const Column& column, bool only = false) {
    return fmt::format("ALTER TABLE {}{} ALTER COLUMN {}", only ? "ONLY " : "", qualified(column.key),
                       quoted(column.key.part));
}

std::string collated(const Column& column) {
    return column.type + (column.collation.empty() ? "" : " COLLATE " + column.collation);
}

/// Rows that are there have values already, and a new sequence begins at its start: the next row would get
/// one of theirs.
Statement count_on(const Column& column) {
    const Counting& counting = column.identity->counting;
    const bool down = counting.increment < 0;
    const std::string furthest = fmt::format("{}({})", down ? "min" : "max", quoted(column.key.part));
    return fmt::format("SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence({}, {}), {})\n"
                       "    FROM {}\n    HAVING {} {} {}",
                       literal(qualified(column.key)), literal(column.key.part), furthest,
                       qualified(column.key), furthest, down ? "<=" : ">=", counting.start);
}

void compare_identity(const Column& from, const Column& to, Alteration& alteration) {
    const std::string alter = alter_column(to);
    if (from.identity && !to.identity) {
        alteration.parts.push_back(
            {Role::alter, "no identity any more", {Statement(alter + " DROP IDENTITY")}});
    } else if (!from.identity && to.identity) {
        Column named = to;
        named.type.clear();
        const std::string name = to.identity->sequence == to.key.name + "_" + to.key.part + "_seq"
                                     ? ""
                                     : qualified({Kind::sequence, to.key.schema, to.identity->sequence, ""});
        const std::string options = counting_options(to.identity->counting, name);
        alteration.parts.push_back(
            {Role::finish,
             fmt::format("identity ({})", to.identity->always ? "always" : "by default"),
             {Statement(fmt::format("{} ADD GENERATED {} AS IDENTITY{}", alter,
                                    to.identity->always ? "ALWAYS" : "BY DEFAULT",
                                    options.empty() ? "" : " (" + options + ")")),
              count_on(to)}});
    } else if (from.identity && to.identity) {
        std::vector<std::string> changes;
        if (from.identity->always != to.identity->always)
            changes.push_back(fmt::format("SET GENERATED {}", to.identity->always ? "ALWAYS" : "BY DEFAULT"));
        Counting old = from.identity->counting; // its type follows the column's
        old.type = to.identity->counting.type;
        for (const std::string& change : counting_changes(old, to.identity->counting))
            changes.push_back("SET " + change);
        if (!changes.empty()) {
            const Key sequence{Kind::sequence, to.key.schema, from.identity->sequence, ""};
            Part part{Role::alter, "identity options changed",
                      brought_within(sequence, from.identity->counting, to.identity->counting)};
            part.statements.emplace_back(fmt::format("{} {}", alter, fmt::join(changes, " ")));
            alteration.parts.push_back(std::move(part));
        }
        if (from.identity->sequence != to.identity->sequence)
            alteration.parts.push_back({Role::alter,
                                        "identity's sequence renamed",
                                        {Statement(fmt::format("ALTER SEQUENCE {} RENAME TO {}",
                                                               qualified({Kind::sequence, to.key.schema,
                                                                          from.identity->sequence, ""}),
                                                               quoted(to.identity->sequence)))}});
    }
}

void compare_storage(const Column& from, const Column& to, Alteration& alteration) {
    const std::string alter = alter_column(to, true);
    // A column that gets another type gets that one's storage.
    const std::string old = from.type == to.type ? from.storage : "";
    if (old != to.storage)
        alteration.parts.push_back(
            {Role::alter,
             "storage " + (to.storage.empty() ? "as its type has it" : to.storage),
             {Statement(alter + " SET STORAGE " + (to.storage.empty() ? to.type_storage : to.storage))}});
    if (from.compression != to.compression)
        alteration.parts.push_back({Role::alter,
                                    "compression " + (to.compression.empty() ? "default" : to.compression),
                                    {Statement(alter + " SET COMPRESSION " +
                                               (to.compression.empty() ? "default" : to.compression))}});
    if (from.statistics != to.statistics)
        alteration.parts.push_back({Role::alter,
                                    fmt::format("statistics target {}", to.statistics),
                                    {Statement(fmt::format("{} SET STATISTICS {}", alter, to.statistics))}});
    for (const std::string& change : option_changes(from.options, to.options))
        alteration.parts.push_back({Role::alter, "options: " + change, {Statement(alter + " " + change)}});
}

} // namespace

Part retype(const Column& from, const Column& to, const Context& context) {
    const Conversion how =
        conversion(quoted(to.key.part), from.type, to.type, context.from_model, context.to_model);
    std::string sql = alter_column(to) + " TYPE " + collated(to);
    std::string expression = how.expression;
    bool rewrite = how.rewrite;
    bool may_fail = how.may_fail;
    if (from.type == to.type && from.collation == to.collation) { // the type is another one of the same name
        const bool array = to.type.ends_with("[]");
        expression = fmt::format("{}::text{}::{}", quoted(to.key.part), array ? "[]" : "", to.type);
        rewrite = may_fail = true;
    }
    if (!expression.empty())
        sql += "\n    USING " + expression;
    Part part{
        Role::alter, fmt::format("type {} -> {}", collated(from), collated(to)), {Statement(std::move(sql))}};
    if (rewrite)
        part.hazards.push_back(
            {Hazard::Type::rewrite,
             "every row is written anew while nobody else may read; on a large table, add a column, fill it "
             "(ctx.backfill), and drop this one"});
    if (!how.loss.empty()) {
        part.hazards.push_back({Hazard::Type::data_loss, how.loss, Hazard::Loses::values});
        part.statements.back().loss = how.loss;
    }
    if (how.by_text)
        part.hazards.push_back(
            {Hazard::Type::may_fail,
             fmt::format(
                 "PostgreSQL has no cast from {} to {}, so each value is written as text and read as "
                 "{}; where that is not meant, add a column, fill it (ctx.backfill), and drop this one",
                 from.type, to.type, to.type)});
    else if (may_fail)
        part.hazards.push_back(
            {Hazard::Type::may_fail, "values that do not fit the new type are refused; look for them first"});
    return part;
}

Alteration compare(const Column& from, const Column& to, const Context& context) {
    if (!to.inherited && from == to) // as most are; what is inherited may have to follow its parent
        return {};
    const bool follows = context.from.inherited_from(from) && context.to.inherited_from(to) &&
                         context.follows({Kind::table, to.key.schema, to.key.name, ""});
    if (to.generated && (!from.generated || from.expression != to.expression || from.type != to.type))
        return Alteration::again(from.generated ? "what it is generated from changes"
                                                : "it becomes generated");
    Alteration alteration;
    if (from.generated && !to.generated)
        alteration.parts.push_back(
            {Role::alter, "not generated any more", {Statement(alter_column(to) + " DROP EXPRESSION")}});
    if (from.identity && !to.identity)
        compare_identity(from, to, alteration);
    if (!follows && (from.type != to.type || from.collation != to.collation))
        alteration.parts.push_back(retype(from, to, context));
    bool not_null = from.not_null;
    if (follows) { // as the parent's change has left it
        const Column* old_parent = context.from.find<Column>(*context.from.inherited_from(from));
        const Column* new_parent = context.to.find<Column>(*context.to.inherited_from(to));
        if (old_parent->not_null != new_parent->not_null)
            not_null = new_parent->not_null;
    }
    if (not_null != to.not_null) {
        const bool against_parent = follows && !to.not_null;
        Part part{against_parent ? Role::finish : Role::alter, to.not_null ? "not null" : "nullable", {}};
        part.statements.emplace_back(alter_column(to) + (to.not_null ? " SET NOT NULL" : " DROP NOT NULL"));
        const Table* table = context.to.find<Table>(table_of(to.key));
        if (to.not_null && !follows && table != nullptr && table->partitioned_by.empty())
            part.statements.back().online = require_online(to.key);
        if (to.not_null) {
            part.hazards.push_back({Hazard::Type::long_lock, "every row is read while nobody else may"});
            const std::string table_name = qualified(table_of(to.key));
            const std::string column = quoted(to.key.part);
            Hazard hazard{Hazard::Type::may_fail,
                          "fails when rows have no value; fill them first (ctx.backfill)"};
            hazard.probe = fmt::format("SELECT FROM {} WHERE {} IS NULL", table_name, column);
            hazard.if_so = fmt::format("rows have no value; fill them first: UPDATE {} SET {} = ... WHERE {} "
                                       "IS NULL, for a large table ctx.backfill()",
                                       table_name, column, column);
            part.hazards.push_back(std::move(hazard));
        }
        alteration.parts.push_back(std::move(part));
    }
    if (!from.identity || to.identity)
        compare_identity(from, to, alteration);
    compare_storage(from, to, alteration);
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(Default from, Default to, const Context&) {
    Alteration alteration;
    if (from.column->expression != to.column->expression)
        alteration.parts.push_back({Role::alter,
                                    fmt::format("{} -> {}", *from.column->expression, *to.column->expression),
                                    {Statement(set_default(*to.column))}});
    return alteration;
}

} // namespace dibs::schema
