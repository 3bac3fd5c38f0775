#include "schema/diff/inventory.hpp"

#include <algorithm>
#include <numeric>

namespace dibs::schema {
namespace {

Key column_of(const Key& relation, const std::string& name) {
    return {Kind::column, relation.schema, relation.name, name};
}

} // namespace

Inventory::Inventory(const Model& model) {
    // The lists are sorted, and follow each other as their kinds do, so nearly all belongs to the end.
    const auto put = [&](const Key& key, Object object) {
        objects_.emplace_hint(objects_.end(), key, object);
    };
    const auto add = [&](const auto& all) {
        for (const auto& each : all)
            put(each.key, &each);
    };
    add(model.schemas);
    add(model.extensions);
    add(model.made);
    add(model.enumerations);
    add(model.domains);
    add(model.domain_constraints);
    add(model.composites);
    add(model.sequences);
    add(model.functions);
    add(model.tables);
    std::vector<const Column*> columns;
    for (const Table& table : model.tables) {
        const auto before = static_cast<std::ptrdiff_t>(columns.size());
        for (const Column& column : table.columns)
            columns.push_back(&column);
        std::sort(columns.begin() + before, columns.end(),
                  [](const Column* a, const Column* b) { return a->key.part < b->key.part; });
    }
    for (const Column* column : columns)
        put(column->key, column);
    for (const Column* column : columns)
        if (column->has_default())
            put({Kind::default_value, column->key.schema, column->key.name, column->key.part},
                Default{column});
    add(model.constraints);
    add(model.indexes);
    add(model.views);
    add(model.rules);
    add(model.triggers);
    add(model.policies);
    add(model.left_alone);
    number_objects();
    for (const Table& table : model.tables)
        for (const Key& parent : table.parents)
            children_[parent].push_back(table.key);
    for (const Constraint& constraint : model.constraints) {
        constraints_[table_of(constraint.key)].push_back(&constraint);
        if (constraint.references)
            referenced_.insert(*constraint.references);
        if (constraint.whole)
            parts_[*constraint.whole].push_back(constraint.key);
    }
    for (const Index& index : model.indexes) {
        indexes_[index.table].push_back(&index);
        if (index.whole)
            parts_[*index.whole].push_back(index.key);
    }
    connect(model);
}

void Inventory::number_objects() {
    index_.reserve(objects_.size());
    keys_.reserve(objects_.size());
    for (const auto& [key, object] : objects_) {
        index_.emplace(&key, Place{&object, static_cast<Number>(keys_.size())});
        keys_.push_back(&key);
    }
}

std::optional<Inventory::Number> Inventory::number(const Key& key) const {
    if (const auto found = index_.find(&key); found != index_.end())
        return found->second.number;
    const auto other = others_.find(key);
    return other == others_.end() ? std::nullopt : std::optional(other->second);
}

Inventory::Number Inventory::number_of(const Key& key) {
    if (const std::optional<Number> known = number(key))
        return *known;
    const auto [place, added] = others_.emplace(key, static_cast<Number>(keys_.size()));
    keys_.push_back(&place->first);
    return place->second;
}

void Inventory::connect(const Model& model) {
    for (const auto& [dependent, on] : model.dependencies)
        numbers_.emplace_back(number_of(dependent), number_of(on));
    add_structure(model);
    if (!others_.empty())
        renumber();
    std::sort(numbers_.begin(), numbers_.end());
    numbers_.erase(std::unique(numbers_.begin(), numbers_.end()), numbers_.end());
    links_.reserve(numbers_.size());
    for (const auto& [dependent, on] : numbers_)
        links_.push_back({*keys_[dependent], *keys_[on]});
}

void Inventory::renumber() {
    std::vector<Number> order(keys_.size());
    std::iota(order.begin(), order.end(), Number(0));
    std::sort(order.begin(), order.end(), [&](Number a, Number b) { return *keys_[a] < *keys_[b]; });
    std::vector<Number> now(keys_.size());
    std::vector<const Key*> sorted;
    sorted.reserve(keys_.size());
    for (const Number before : order) {
        now[before] = static_cast<Number>(sorted.size());
        sorted.push_back(keys_[before]);
    }
    keys_ = std::move(sorted);
    for (auto& [key, place] : index_)
        place.number = now[place.number];
    for (auto& [key, number] : others_)
        number = now[number];
    for (auto& [dependent, on] : numbers_) {
        dependent = now[dependent];
        on = now[on];
    }
}

void Inventory::add_structure(const Model& model) {
    const auto depends_on = [&](const Key& dependent, const Key& on) {
        if (const auto found = index_.find(&on); found != index_.end() && dependent != on)
            numbers_.emplace_back(number_of(dependent), found->second.number);
    };
    for (const auto& [key, object] : objects_) {
        if (!key.schema.empty() && key.part.empty())
            depends_on(key, {Kind::schema, "", key.schema, ""});
        if (is_routine(key.kind))
            depends_on(key, {Kind::schema, "", key.schema, ""});
        const bool may_be_left_out = key.kind == Kind::index || key.kind == Kind::domain_constraint;
        if (const std::optional<Key> outer = container(key); outer && (!may_be_left_out || has(*outer)))
            numbers_.emplace_back(number_of(key), number_of(*outer));
        if (const auto* index = std::get_if<const Index*>(&object); index != nullptr && (*index)->whole)
            depends_on(key, *(*index)->whole);
        if (const auto* constraint = std::get_if<const Constraint*>(&object);
            constraint != nullptr && (*constraint)->whole)
            depends_on(key, *(*constraint)->whole);
        if (const auto* column = std::get_if<const Column*>(&object))
            if (const std::optional<Key> parent = inherited_from(**column))
                depends_on(key, *parent);
    }
    for (const Extension& extension : model.extensions)
        depends_on(extension.key, {Kind::schema, "", extension.schema, ""});
    for (const Table& table : model.tables)
        for (const Key& parent : table.parents)
            depends_on(table.key, parent);
    for (const Constraint& constraint : model.constraints) {
        for (const std::string& name : constraint.columns)
            depends_on(constraint.key, column_of(constraint.key, name));
        if (constraint.references) {
            depends_on(constraint.key, *constraint.references);
            for (const std::string& name : constraint.referenced_columns)
                depends_on(constraint.key, column_of(*constraint.references, name));
        }
    }
    for (const Index& index : model.indexes)
        for (const std::string& name : index.columns)
            depends_on(index.key, column_of(index.table, name));
    for (const Scripted& trigger : model.triggers)
        if (trigger.whole)
            depends_on(trigger.key, *trigger.whole);
    for (const Sequence& sequence : model.sequences)
        if (sequence.owner)
            depends_on(sequence.key, *sequence.owner);
}

bool Inventory::depends(const Key& dependent, const Key& on) const {
    const std::optional<Number> from = number(dependent);
    const std::optional<Number> to = number(on);
    return from && to && std::binary_search(numbers_.begin(), numbers_.end(), std::pair(*from, *to));
}

std::span<const Link> Inventory::dependencies(const Key& dependent) const {
    const std::optional<Number> from = number(dependent);
    if (!from)
        return {};
    const auto begin = std::lower_bound(numbers_.begin(), numbers_.end(), std::pair(*from, Number(0)));
    const auto end = std::lower_bound(begin, numbers_.end(), std::pair(*from + 1, Number(0)));
    return dependencies().subspan(static_cast<std::size_t>(begin - numbers_.begin()),
                                  static_cast<std::size_t>(end - begin));
}

std::optional<Key> Inventory::container(const Key& key) const {
    switch (key.kind) {
    case Kind::column:
        return table_of(key);
    case Kind::default_value:
        return column_of(key, key.part);
    case Kind::domain_constraint:
        return Key{Kind::domain, key.schema, key.name, ""};
    case Kind::index:
        if (const Index* index = find<Index>(key))
            return index->table;
        return std::nullopt;
    case Kind::constraint:
    case Kind::rule:
    case Kind::trigger:
    case Kind::policy:
        for (const Kind kind : {Kind::table, Kind::view, Kind::materialized_view})
            if (Key relation{kind, key.schema, key.name, ""}; has(relation))
                return relation;
        return std::nullopt;
    default:
        return std::nullopt;
    }
}

std::optional<Key> Inventory::whole(const Key& key) const {
    if (const Index* index = find<Index>(key))
        return index->whole;
    if (const Constraint* constraint = find<Constraint>(key))
        return constraint->whole;
    return std::nullopt;
}

bool Inventory::is_part_of_referenced(const Table& table) const {
    const Table* above = table.is_partition() ? find<Table>(table.parents.front()) : nullptr;
    return above != nullptr && (referenced_.contains(above->key) || is_part_of_referenced(*above));
}

std::optional<Key> Inventory::inherited_from(const Column& column) const {
    if (!column.inherited)
        return std::nullopt;
    const Table* table = find<Table>(table_of(column.key));
    if (table != nullptr)
        for (const Key& parent : table->parents)
            if (Key key = column_of(parent, column.key.part); has(key))
                return key;
    return std::nullopt;
}

namespace {

template <class T>
const std::vector<T>& parts(const std::map<Key, std::vector<T>>& all, const Key& table) {
    static const std::vector<T> none;
    const auto found = all.find(table);
    return found == all.end() ? none : found->second;
}

} // namespace

const std::vector<Key>& Inventory::children(const Key& table) const {
    return parts(children_, table);
}

const std::vector<const Constraint*>& Inventory::constraints(const Key& table) const {
    return parts(constraints_, table);
}

const std::vector<const Index*>& Inventory::indexes(const Key& table) const {
    return parts(indexes_, table);
}

bool Inventory::has_constraint_as_part(const Key& index) const {
    const std::vector<Key>& all = parts(parts_, index);
    return index.kind == Kind::index &&
           std::any_of(all.begin(), all.end(), [](const Key& part) { return part.kind == Kind::constraint; });
}

std::vector<Key> Inventory::without_part(const Key& whole, const Key& table) const {
    std::vector<Key> without = children(table);
    for (const Key& part : parts(parts_, whole))
        std::erase(without, *container(part));
    return without;
}

} // namespace dibs::schema
