#include "schema/read/assembly.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace dibs::schema {

const Key* Assembly::key_of(Oid class_id, Oid id, std::int64_t column, Key& space) const {
    const auto found = keys_.find({class_id, id});
    if (class_id == catalog::default_value || (class_id == catalog::relation && column > 0)) {
        const Relation* of = relation(id);
        if (of == nullptr)
            return found == keys_.end() ? nullptr : &found->second; // a composite type's attribute
        std::string name = of->column(column);
        if (name.empty())
            return nullptr;
        Kind kind = Kind::column;
        if (class_id == catalog::default_value) {
            const auto table = tables_.find(id);
            const Column* defined =
                table == tables_.end() ? nullptr : model_.tables[table->second].column(name);
            kind = defined != nullptr && defined->generated ? Kind::column : Kind::default_value;
        }
        space = {kind, of->key.schema, of->key.name, std::move(name)};
        return &space;
    }
    return found == keys_.end() ? nullptr : &found->second;
}

void Assembly::read_comments_and_grants() {
    std::map<Key, Attachments*> places;
    const auto add = [&](auto& all) {
        for (auto& each : all)
            places.emplace(each.key, &each.attached);
    };
    // Few objects have comments or grants of their own: only these are looked up.
    std::set<Key> wanted;
    std::map<std::pair<Key, std::string>, std::string> attribute_comments;
    Key space;
    const auto want = [&](const Row& row) {
        if (const Key* key = key_of(row.oid(0), row.oid(1), row.number(2), space))
            wanted.insert(*key);
    };
    each(Catalog::comments, want);
    each(Catalog::grants, want);
    for (Table& table : model_.tables)
        for (Column& column : table.columns)
            if (wanted.contains(column.key))
                places.emplace(column.key, &column.attached);
    for (View& view : model_.views)
        for (Column& column : view.columns)
            if (wanted.contains(column.key))
                places.emplace(column.key, &column.attached);
    add(model_.schemas);
    add(model_.extensions);
    add(model_.made);
    add(model_.enumerations);
    add(model_.domains);
    add(model_.domain_constraints);
    add(model_.composites);
    add(model_.sequences);
    add(model_.functions);
    add(model_.views);
    add(model_.rules);
    add(model_.triggers);
    add(model_.policies);
    const auto add_wanted = [&](auto& all) {
        for (auto& each : all)
            if (wanted.contains(each.key))
                places.emplace(each.key, &each.attached);
    };
    add_wanted(model_.tables);
    add_wanted(model_.constraints);
    add_wanted(model_.indexes);
    std::map<Key, Constraint*> constraints;
    for (Constraint& constraint : model_.constraints)
        if (wanted.contains(constraint.key))
            constraints.emplace(constraint.key, &constraint);

    each(Catalog::comments, [&](const Row& row) {
        const Key* key = key_of(row.oid(0), row.oid(1), row.number(2), space);
        if (key == nullptr || member(row.oid(0), row.oid(1)))
            return;
        if (key->kind == Kind::composite && row.number(2) > 0) {
            const auto of = composites_.find(row.oid(1));
            std::int64_t number = 0;
            each_row(result(Catalog::columns), [&](const Row& column) {
                if (column.oid(0) == row.oid(1) && column.number(1) <= row.number(2))
                    ++number;
            });
            if (of != composites_.end() && number > 0)
                model_.composites[of->second].attributes[static_cast<std::size_t>(number - 1)].comment =
                    row.text(3);
            return;
        }
        if (key->kind == Kind::constraint && row.oid(0) == catalog::relation) {
            if (const auto constraint = constraints.find(*key); constraint != constraints.end())
                constraint->second->index_comment = row.text(3);
            return;
        }
        const auto place = places.find(*key);
        if (place != places.end())
            place->second->comment = row.text(3);
    });

    std::unordered_set<Address, Hash> explicitly;
    each(Catalog::grants, [&](const Row& row) {
        const Key* key = key_of(row.oid(0), row.oid(1), row.number(2), space);
        if (row.number(2) == 0)
            explicitly.emplace(row.oid(0), row.oid(1));
        if (key == nullptr || row.null(4) || member(row.oid(0), row.oid(1)))
            return;
        const auto place = places.find(*key);
        if (place != places.end())
            place->second->grants.insert({row.text(3), row.text(4), row.flag(5)});
    });
    // What PostgreSQL grants to everyone where nothing else was said.
    for (const auto& [address, key] : keys_) {
        const bool type = key.kind == Kind::enumeration || key.kind == Kind::domain ||
                          key.kind == Kind::composite || key.kind == Kind::range;
        const bool function = is_routine(key.kind);
        if ((!type && !function) || address.first == catalog::relation || explicitly.contains(address))
            continue;
        const auto place = places.find(key);
        if (place != places.end())
            place->second->grants.insert({"", type ? "USAGE" : "EXECUTE", false});
    }
}

void Assembly::read_dependencies() {
    std::map<Key, std::size_t> expressions; // indexes whose columns the catalog tells here
    for (std::size_t i = 0; i < model_.indexes.size(); ++i)
        expressions.emplace(model_.indexes[i].key, i);
    Key dependent_space;
    Key on_space;
    each(Catalog::dependencies, [&](const Row& row) {
        const Key* dependent = key_of(row.oid(0), row.oid(1), row.number(2), dependent_space);
        // A view is one object with its columns.
        const std::int64_t column = views_.contains(row.oid(4)) ? 0 : row.number(5);
        const Key* on = key_of(row.oid(3), row.oid(4), column, on_space);
        if (dependent == nullptr || on == nullptr || *dependent == *on || member(row.oid(0), row.oid(1)))
            return;
        if (dependent->kind == Kind::index && on->kind == Kind::column) {
            std::vector<std::string>& columns = model_.indexes[expressions.at(*dependent)].columns;
            if (std::find(columns.begin(), columns.end(), on->part) == columns.end())
                columns.push_back(on->part);
            return;
        }
        if (dependent->kind == Kind::default_value && on->kind == Kind::column &&
            dependent->part == on->part && dependent->name == on->name && dependent->schema == on->schema)
            return;
        model_.dependencies.push_back({*dependent, *on});
    });
}

} // namespace dibs::schema
