#include "schema/diff/inheritance.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {

bool follows_parent(const Key& key, const Context& context) {
    if (key.kind != Kind::column && key.kind != Kind::constraint && key.kind != Kind::default_value)
        return false;
    if (!context.follows(table_of(key)))
        return false;
    for (const Inventory* side : {&context.from, &context.to}) {
        if (key.kind == Kind::constraint) {
            const Constraint* constraint = side->find<Constraint>(key);
            if (constraint != nullptr && (!constraint->inherited || constraint->local))
                return false;
            continue;
        }
        Key column_key = key;
        column_key.kind = Kind::column;
        const Column* column = side->find<Column>(column_key);
        if (column == nullptr)
            continue;
        const std::optional<Key> parent = side->inherited_from(*column);
        if (!parent || (column->local && side == &context.from && !context.to.has(column_key)))
            return false;
        if (key.kind == Kind::default_value) {
            // A default of its own, unless both come or go with the column and are the parent's.
            const bool only_here = context.from.has(column_key) != context.to.has(column_key);
            const Column* above = side->find<Column>(*parent);
            if (!only_here || above->expression != column->expression)
                return false;
        }
    }
    return true;
}

bool keeps_inherited(const Key& column, const Context& context) {
    if (column.kind != Kind::column || context.to.has(column))
        return false;
    const std::vector<Key>& children = context.from.children(table_of(column));
    return std::any_of(children.begin(), children.end(), [&](const Key& child) {
        const Table& table = *context.from.find<Table>(child);
        const Column* old = table.column(column.part);
        const auto from_it = [&](const Key& parent) {
            return context.from.has({Kind::column, parent.schema, parent.name, column.part});
        };
        return context.follows(child) && old != nullptr && !old->local && context.to.has(old->key) &&
               std::count_if(table.parents.begin(), table.parents.end(), from_it) == 1;
    });
}

Alteration inherited_anew(const Column& column, const Inventory& in) {
    const Column* parent = in.find<Column>(*in.inherited_from(column));
    Alteration alteration;
    const std::string alter =
        fmt::format("ALTER TABLE ONLY {} ALTER COLUMN {}", qualified(column.key), quoted(column.key.part));
    if (column.not_null && !parent->not_null)
        alteration.parts.push_back({Role::finish, "not null", {Statement(alter + " SET NOT NULL")}});
    if (parent->has_default() && !column.has_default())
        alteration.parts.push_back({Role::finish, "no default", {Statement(alter + " DROP DEFAULT")}});
    if (std::vector<Statement> parameters = column_parameters(column); !parameters.empty())
        alteration.parts.push_back({Role::finish, "storage or statistics of its own", std::move(parameters)});
    compare_attachments(column.key, {}, column.attached, alteration);
    return alteration;
}

bool comes_by_a_parent(const Column& column, const Context& context) {
    if (!column.inherited || column.local)
        return false;
    const Table* old = context.from.find<Table>(table_of(column.key));
    const Table* now = context.to.find<Table>(table_of(column.key));
    return old != nullptr && now != nullptr && !old->is_partition() && !now->is_partition() &&
           !old->column(column.key.part) && !context.follows(now->key);
}

const Scripted* inherited_trigger(const Key& key, const Inventory& in) {
    const Scripted* trigger = in.find<Scripted>(key);
    return trigger != nullptr && trigger->whole ? trigger : nullptr;
}

Key parent_for_a_while(const Key& table) {
    return with_suffix(table, "__parent");
}

} // namespace dibs::schema
