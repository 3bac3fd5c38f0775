#include "schema/diff/inheritance.hpp"

#include <algorithm>

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

bool comes_by_a_parent(const Column& column, const Context& context) {
    const Table* old = context.from.find<Table>(table_of(column.key));
    const Table* now = context.to.find<Table>(table_of(column.key));
    return old != nullptr && now != nullptr && !old->is_partition() && !now->is_partition() &&
           !old->column(column.key.part) && column.inherited && !column.local && !context.follows(now->key);
}

Key parent_for_a_while(Key table) {
    constexpr std::size_t longest = 63; // NAMEDATALEN - 1
    constexpr std::string_view suffix = "__parent";
    table.name = table.name.substr(0, longest - suffix.size()) + std::string(suffix);
    return table;
}

} // namespace dibs::schema
