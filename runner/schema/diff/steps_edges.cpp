#include "schema/diff/index_parts.hpp"
#include "schema/diff/inheritance.hpp"
#include "schema/diff/steps.hpp"

namespace dibs::schema {

template <class F>
void Steps::for_all(PlaceView place, const F& f) const {
    if (const auto own = find(place))
        f(*own);
    const Key& key = place.key;
    if (key.kind != Kind::column || !follows_parent(key, context_) || verdicts_.gone(table_of(key)))
        return;
    const Inventory& side = context_.to.has(key) ? context_.to : context_.from;
    if (const Column* column = side.find<Column>(key))
        if (const std::optional<Key> parent = side.inherited_from(*column))
            for_all({*parent, place.role}, f);
}

void Steps::before(PlaceView first, PlaceView then) {
    if (!has_any(first.role) || !has_any(then.role)) // most plans have not all of them
        return;
    for_all(first, [&](std::size_t a) { for_all(then, [&](std::size_t b) { graph_.before(a, b); }); });
}

void Steps::connect() {
    connect_same();
    connect_names();
    connect_partitions();
    connect_inherited();
    // A column may follow its parent's without a verdict of its own.
    const auto concerned = [&](const Key& key) {
        return key.kind == Kind::column || verdicts_.of.contains(key);
    };
    for (const auto& [dependent, on] : context_.from.dependencies()) {
        if (!concerned(dependent) || !concerned(on))
            continue;
        const bool of_parent =
            dependent.kind == Kind::column && on.kind == Kind::column && dependent.part == on.part;
        if (of_parent && context_.from.find<Column>(dependent)->local && !verdicts_.gone(table_of(dependent)))
            before({on, Role::drop}, {dependent, Role::drop});
        else
            before({dependent, Role::drop}, {on, Role::drop});
        // A column that goes is no hindrance to what is altered of its table, nor its sequence to what of the
        // column, and either may have to wait: for what stands on it.
        const bool no_hindrance =
            (dependent.kind == Kind::column && context_.from.container(dependent) == on) ||
            (dependent.kind == Kind::sequence && on.kind == Kind::column);
        if (!no_hindrance)
            before({dependent, Role::drop}, {on, Role::alter});
        before({dependent, Role::drop}, {on, Role::finish});
        if (verdicts_.aside.contains(on) && !verdicts_.aside.contains(dependent) &&
            context_.from.container(dependent) != on)
            before({dependent, Role::drop}, {on, Role::release}); // while it has the name that DROP says
        before({dependent, Role::release}, {on, Role::drop});
        before({dependent, Role::release}, {on, Role::alter});
        if (of_parent && verdicts_.is(on, Verdict::drop))
            before({on, Role::drop}, {dependent, Role::alter}); // which is its own then
        else if (verdicts_.aside.contains(on) || verdicts_.is(on, Verdict::drop))
            before({dependent, Role::alter}, {on, Role::drop});
    }
    for (const auto& [dependent, on] : context_.to.dependencies()) {
        if (!concerned(dependent) || !concerned(on))
            continue;
        if (context_.to.whole(dependent) == on)
            continue; // emit_attachments_of_parts() knows which comes first
        if (is_merged(dependent, on)) {
            before({dependent, Role::alter}, {on, Role::create});
            continue;
        }
        for (const Role role : {Role::create, Role::alter, Role::finish}) {
            if (dependent.kind == Kind::sequence && on.kind == Kind::column && role != Role::finish)
                continue; // it is made without its owner
            before({on, Role::create}, {dependent, role});
            before({on, Role::alter}, {dependent, role});
        }
        if (on.kind == Kind::constraint || on.kind == Kind::index)
            before({on, Role::finish}, {dependent, Role::create});
    }
}

/// Whether a column that its table has already becomes the parent's as well.
bool Steps::is_merged(const Key& dependent, const Key& on) const {
    const Column* column = context_.from.find<Column>(dependent);
    return column != nullptr && on.kind == Kind::column && on.part == dependent.part && !column->inherited &&
           !verdicts_.gone(dependent);
}

/// What a child has of its parent's constraints.
void Steps::connect_inherited() {
    for (const Table& table : context_.to_model.tables) {
        for (const Column& column : table.columns)
            if (comes_by_a_parent(column, context_)) {
                before({table.key, Role::release}, {column.key, Role::create});
                before({column.key, Role::create}, {table.key, Role::finish});
            }
        for (const Key& parent : table.parents) {
            if (table.is_partition())
                continue;
            for (const Constraint* above : context_.to.constraints(parent)) {
                if (above->type ==
                    Constraint::Type::primary_key) // makes the columns NOT NULL, the child's too
                    for (const std::string& column : above->columns)
                        before({above->key, Role::create},
                               {{Kind::column, table.key.schema, table.key.name, column}, Role::finish});
                Key own = above->key;
                own.schema = table.key.schema;
                own.name = table.key.name;
                for (const Role role : {Role::drop, Role::create})
                    before({own, role}, {above->key, Role::create}); // which is merged with it
            }
            for (const Column& column : context_.to.find<Table>(parent)->columns)
                for (const Role role : {Role::drop, Role::create, Role::alter})
                    before({{Kind::default_value, parent.schema, parent.name, column.key.part}, role},
                           {table.key, Role::create}); // which takes the default from there
            for (const Constraint* above : context_.from.constraints(parent))
                before({above->key, Role::drop},
                       {{Kind::constraint, table.key.schema, table.key.name, above->key.part}, Role::drop});
        }
    }
}

void Steps::connect_same() {
    for (const auto& [key, verdict] : verdicts_.of) {
        const std::optional<Key> container = context_.from.container(key);
        if (container && verdicts_.aside.contains(*container))
            continue; // it goes with the old one, and comes with the new one
        const bool aside = verdicts_.aside.contains(key);
        const Role first = aside ? Role::create : Role::drop;
        const Role second = aside ? Role::drop : Role::create;
        for (const Role role : {Role::drop, Role::create, Role::alter, Role::finish})
            before({key, Role::release}, {key, role});
        before({key, first}, {key, second});
        for (const Role role : {Role::drop, Role::create, Role::alter})
            before({key, role}, {key, Role::finish});
        before({key, Role::create}, {key, Role::alter});
    }
}

namespace {

/// The names that an object takes up. Relations, with indexes and sequences, share one space of names; types
/// with relations' row types another.
std::vector<std::string> names_of(const Key& key, const Inventory& in) {
    const std::string name = key.schema + '\0' + key.name;
    switch (key.kind) {
    case Kind::table:
    case Kind::view:
    case Kind::materialized_view:
    case Kind::composite:
        return {"relation " + name, "type " + name};
    case Kind::sequence:
    case Kind::index:
        return {"relation " + name};
    case Kind::enumeration:
    case Kind::domain:
    case Kind::range:
        return {"type " + name};
    case Kind::function:
    case Kind::procedure:
    case Kind::aggregate:
        return {"function " + name};
    case Kind::constraint: {
        const Constraint* constraint = in.find<Constraint>(key);
        return constraint != nullptr && constraint->has_index()
                   ? std::vector<std::string>{"relation " + key.schema + '\0' + key.part}
                   : std::vector<std::string>{};
    }
    case Kind::column: {
        const Column* column = in.find<Column>(key);
        return column != nullptr && column->identity
                   ? std::vector<std::string>{"relation " + key.schema + '\0' + column->identity->sequence}
                   : std::vector<std::string>{};
    }
    default:
        return {};
    }
}

} // namespace

/// What takes a name waits until the one that has it lets go of it.
void Steps::connect_names() {
    std::map<std::string, std::vector<Place>> freed;
    for (const auto& [key, verdict] : verdicts_.of) {
        const Role role = verdict == Verdict::alter       ? Role::alter
                          : verdicts_.aside.contains(key) ? Role::release
                                                          : Role::drop;
        if (verdict == Verdict::create || (verdict == Verdict::alter && key.kind != Kind::column))
            continue;
        for (const std::string& name : names_of(key, context_.from))
            freed[name].push_back({key, role});
    }
    for (const auto& [now, old] : verdicts_.renamed)
        for (const std::string& name : names_of(old, context_.from))
            freed[name].push_back({now, Role::alter});
    for (const auto& [now, old] : verdicts_.renamed)
        for (const std::string& name : names_of(now, context_.to))
            for (const Place& other : freed[name])
                before({other.key, other.role}, {now, Role::alter});
    for (const auto& [key, verdict] : verdicts_.of) {
        if (verdict == Verdict::drop || (verdict == Verdict::alter && key.kind != Kind::column))
            continue;
        const Role role = verdict == Verdict::alter ? Role::finish : Role::create;
        for (const std::string& name : names_of(key, context_.to))
            for (const Place& other : freed[name])
                if (other.key != key)
                    before({other.key, other.role}, {key, role});
    }
}

/// A table is attached when it and its whole are as they shall be, and detached before either changes.
void Steps::connect_partitions() {
    for (const Scripted& trigger : context_.to_model.triggers)
        if (trigger.whole) // which its table gets on being attached
            for (const Table* table = context_.to.find<Table>(table_of(trigger.key));
                 table != nullptr && table->is_partition();
                 table = context_.to.find<Table>(table->parents.front()))
                for (const Role role : {Role::create, Role::alter})
                    before({table->key, Role::finish}, {trigger.key, role});
    for (const Table& table : context_.to_model.tables) {
        const Key& key = table.key;
        if (!find({key, Role::finish}))
            continue;
        const auto finished_first = [&](const Key& part) {
            for (const Role role : {Role::drop, Role::create, Role::alter})
                before({part, role}, {key, Role::finish});
        };
        for (const Column& column : table.columns) {
            finished_first(column.key);
            for (const Key& parent : table.parents)
                finished_first({Kind::column, parent.schema, parent.name, column.key.part});
        }
        for (const Constraint* constraint : context_.to.constraints(key))
            if (constraint->type == Constraint::Type::check)
                finished_first(constraint->key);
        for (const Key& own : own_like_parts(table, context_.to))
            before({key, Role::finish}, {own, Role::create});
    }
    const auto attached_first = [&](const Key& whole, const Key& table) {
        if (is_invalid_whole(whole, table))
            for (const Key& part : context_.to.without_part(whole, table))
                before({part, Role::finish}, {whole, Role::create});
    };
    for (const Constraint& constraint : context_.to_model.constraints)
        attached_first(constraint.key, table_of(constraint.key));
    for (const Index& index : context_.to_model.indexes)
        attached_first(index.key, index.table);
    for (const Table& table : context_.from_model.tables) {
        const Key& key = table.key;
        if (table.parents.empty() || !find({key, Role::release}))
            continue;
        for (const Key& parent : table.parents)
            for (const Column& column : table.columns)
                for (const Role role : {Role::drop, Role::alter, Role::create}) {
                    before({key, Role::release},
                           {{Kind::column, parent.schema, parent.name, column.key.part}, role});
                    before({key, Role::release}, {column.key, role});
                }
        for (const Index* index : context_.from.indexes(key)) {
            before({key, Role::release}, {index->key, Role::drop});
            if (index->whole)
                before({key, Role::release}, {*index->whole, Role::drop});
        }
        for (const Constraint* constraint : context_.from.constraints(key)) {
            before({key, Role::release}, {constraint->key, Role::drop});
            if (constraint->whole)
                before({key, Role::release}, {*constraint->whole, Role::drop});
        }
    }
}

} // namespace dibs::schema
