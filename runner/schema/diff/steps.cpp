#include "schema/diff/steps.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "schema/diff/index_parts.hpp"
#include "schema/diff/inheritance.hpp"
#include "schema/diff/online.hpp"
#include "schema/sql/attachments.hpp"
#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

/// Where something stands when nothing else decides: first what goes, then what comes.
int rank(const Key& key, Role role, bool foreign) {
    if (role == Role::release)
        return 0;
    const int kind = static_cast<int>(key.kind);
    const int of_kind =
        key.kind == Kind::constraint && foreign ? static_cast<int>(Kind::index) * 10 + 5 : kind * 10;
    if (role == Role::drop)
        return 1000 - of_kind;
    return 2000 + of_kind + (role == Role::create ? 0 : role == Role::alter ? 1 : 2);
}

std::string loss_of(const Key& key, const Inventory& from) {
    if (key.kind == Kind::table)
        return "all rows of " + qualified(key);
    if (key.kind == Kind::column) {
        const Column* column = from.find<Column>(key);
        return column != nullptr && column->generated
                   ? ""
                   : "all values of " + qualified(key) + "." + quoted(key.part);
    }
    return {};
}

bool is_foreign(const Key& key, const Inventory& in) {
    const Constraint* constraint = in.find<Constraint>(key);
    return constraint != nullptr && constraint->type == Constraint::Type::foreign_key;
}

} // namespace

Ordered Steps::ordered() {
    for (;;) {
        build();
        const Graph::Order order = graph_.sorted();
        if (order.cycle.empty())
            return listed(order.nodes);
        if (unfold(order.cycle))
            continue;
        std::string circle;
        for (const std::size_t node : order.cycle)
            circle += described(steps_[node].key) + " -> ";
        return {{}, {}, circle + described(steps_[order.cycle.front()].key)};
    }
}

/// An index that could stay if it were left alone: nothing that it is on goes or becomes something else.
bool Steps::outlives_the_rest(const Key& key) const {
    const Index* index = context_.from.find<Index>(key);
    if (index == nullptr || index->whole || !in_use(index->table))
        return false;
    for (const auto& [dependent, on] : context_.from.dependencies(key))
        if (verdicts_.gone(on) || verdicts_.aside.contains(on) || verdicts_.retyped.contains(on))
            return false;
    return true;
}

/// Whether the old one can serve until the new one is built.
bool Steps::is_replaced(const Key& key) const {
    return verdicts_.is(key, Verdict::rebuild) && outlives_the_rest(key) &&
           context_.from.find<Index>(key)->table == context_.to.find<Index>(key)->table;
}

Ordered Steps::listed(const std::vector<std::size_t>& nodes) const {
    Ordered ordered;
    std::vector<std::set<std::size_t>> needs(graph_.size()); // the last statements of all before a node
    for (const std::size_t node : nodes) {
        std::set<std::size_t> last = std::move(needs[node]);
        for (const Statement& statement : steps_[node].statements) {
            ordered.needs.emplace_back(last.begin(), last.end());
            last = {ordered.statements.size()};
            ordered.statements.push_back(statement);
            ordered.statements.back().object = steps_[node].key;
        }
        for (const std::size_t then : graph_.after(node))
            needs[then].insert(last.begin(), last.end());
    }
    return ordered;
}

/// A plain table, or a materialized view, that others work with while the plan is carried out.
bool Steps::in_use(const Key& table) const {
    const Table* now = context_.to.find<Table>(table);
    return context_.from.has(table) && context_.to.has(table) && !verdicts_.of.contains(table)
               ? now == nullptr || (now->partitioned_by.empty() && now->parents.empty())
               : verdicts_.is(table, Verdict::alter) && now != nullptr && now->partitioned_by.empty() &&
                     now->parents.empty();
}

bool Steps::unfold(const std::vector<std::size_t>& cycle) {
    bool any = false;
    for (const std::size_t node : cycle) {
        const Step& in_circle = steps_[node];
        if (in_circle.key.kind != Kind::table)
            continue;
        if (in_circle.role == Role::create)
            any = unfolded_creates_.insert(in_circle.key).second || any;
        if (in_circle.role == Role::drop)
            any = unfolded_drops_.insert(in_circle.key).second || any;
    }
    return any;
}

void Steps::build() {
    graph_ = Graph();
    steps_.clear();
    places_.clear();
    folded_.clear();
    for (const auto& [key, verdict] : verdicts_.of) {
        if (verdict == Verdict::drop || verdict == Verdict::rebuild)
            if (const std::optional<Place> into = folded_drop(key))
                folded_.add({key, Role::drop}, *into);
        if (verdict == Verdict::create || verdict == Verdict::rebuild)
            if (const std::optional<Place> into = folded_create(key))
                folded_.add({key, Role::create}, *into);
    }
    for (const auto& [key, verdict] : verdicts_.of)
        emit(key, verdict);
    emit_attachments_of_parts();
    connect();
}

std::optional<Steps::Place> Steps::folded_drop(const Key& key) const {
    const std::optional<Key> container = context_.from.container(key);
    if (container && verdicts_.gone(*container)) {
        const Constraint* constraint = context_.from.find<Constraint>(key);
        const bool another_s = context_.from.whole(key) || (constraint != nullptr && constraint->inherited);
        if (unfolded_drops_.contains(table_of(key)) && key.kind != Kind::column && !another_s)
            return std::nullopt;
        return Place{*container, Role::drop};
    }
    const std::optional<Key> whole = context_.from.whole(key);
    if (whole && verdicts_.gone(*whole) && context_.follows(*container) &&
        !verdicts_.gone(*context_.from.container(*whole)))
        return Place{*whole, Role::drop};
    if (const Constraint* constraint = context_.from.find<Constraint>(key);
        constraint != nullptr && constraint->inherited && !constraint->local && context_.follows(*container))
        for (const Key& parent : context_.from.find<Table>(*container)->parents)
            if (const Key above{Kind::constraint, parent.schema, parent.name, key.part};
                verdicts_.gone(above))
                return Place{above, Role::drop};
    if (const Sequence* sequence = context_.from.find<Sequence>(key))
        if (sequence->owner && verdicts_.gone(*sequence->owner) && verdicts_.is(key, Verdict::drop))
            return Place{*sequence->owner, Role::drop};
    if (const Column* column = context_.from.find<Column>(key); column != nullptr && !column->local)
        if (const std::optional<Key> parent = context_.from.inherited_from(*column);
            parent && verdicts_.gone(*parent) && context_.follows(*container))
            return Place{*parent, Role::drop};
    return std::nullopt;
}

std::optional<Steps::Place> Steps::folded_create(const Key& key) const {
    const std::optional<Key> container = context_.to.container(key);
    if (!container)
        return std::nullopt;
    if (key.kind == Kind::column) {
        if (verdicts_.made(*container))
            return Place{*container, Role::create};
        if (follows_parent(key, context_))
            return Place{*context_.to.inherited_from(*context_.to.find<Column>(key)), Role::create};
        return std::nullopt;
    }
    if (key.kind == Kind::domain_constraint && verdicts_.made(*container) &&
        context_.to.find<DomainConstraint>(key)->validated)
        return Place{*container, Role::create};
    const Key table = table_of(key);
    if (key.kind == Kind::default_value) {
        if (!verdicts_.made(*container) || unfolded_creates_.contains(table))
            return std::nullopt;
        return Place{*container, Role::create};
    }
    if (key.kind == Kind::constraint && verdicts_.made(*container) && container->kind == Kind::table) {
        const Constraint* constraint = context_.to.find<Constraint>(key);
        if (constraint->inherited && !constraint->local && !context_.to.find<Table>(table)->is_partition())
            return Place{*container, Role::create};
        if (constraint->type != Constraint::Type::foreign_key && constraint->validated &&
            !unfolded_creates_.contains(table) && !is_invalid_whole(key, table) &&
            !std::ranges::count(own_like_parts(*context_.to.find<Table>(table), context_.to), key))
            return Place{*container, Role::create};
    }
    return std::nullopt;
}

void Steps::emit(const Key& key, Verdict verdict) {
    if (verdict == Verdict::drop || verdict == Verdict::rebuild)
        emit_drop(key);
    if (verdict == Verdict::create || verdict == Verdict::rebuild) {
        emit_create(key);
        emit_finish_of_made(key);
    }
    if (verdict != Verdict::alter)
        return;
    for (const Part& part : verdicts_.alterations.at(key).parts) {
        std::vector<Statement>& statements = steps_[step({key, part.role})].statements;
        statements.insert(statements.end(), part.statements.begin(), part.statements.end());
    }
    emit_parent_for_a_while(key);
}

void Steps::emit_parent_for_a_while(const Key& key) {
    const Table* table = context_.to.find<Table>(key);
    if (table == nullptr ||
        std::none_of(table->columns.begin(), table->columns.end(),
                     [&](const Column& column) { return comes_by_a_parent(column, context_); }))
        return;
    const std::string alter = "ALTER TABLE " + qualified(key);
    const std::string parent = qualified(parent_for_a_while(key));
    std::vector<Statement>& first = steps_[step({key, Role::release})].statements;
    first.emplace_back("CREATE TABLE " + parent + " ()");
    first.emplace_back(alter + " INHERIT " + parent);
    std::vector<Statement>& last = steps_[step({key, Role::finish})].statements;
    last.emplace_back(alter + " NO INHERIT " + parent);
    last.emplace_back("DROP TABLE " + parent);
}

void Steps::emit_drop(const Key& key) {
    if (folded_.find({key, Role::drop}) != nullptr)
        return;
    if (verdicts_.aside.contains(key)) {
        const Key aside = with_suffix(key, "__old");
        steps_[step({key, Role::release})].statements.emplace_back(
            fmt::format("ALTER {} RENAME TO {}", target(key), quoted(aside.name)));
        steps_[step({key, Role::drop})].statements.emplace_back(drop(aside));
        return;
    }
    if (const Table* table = context_.from.find<Table>(key);
        table != nullptr && context_.from.is_part_of_referenced(*table))
        steps_[step({key, Role::drop})].statements.emplace_back(detach_partition(*table));
    if (inherited_trigger(key, context_.from) != nullptr)
        return; // it goes with that
    if (keeps_inherited(key, context_)) {
        steps_[step({key, Role::drop})].statements.emplace_back(
            fmt::format("ALTER TABLE ONLY {} DROP COLUMN {}", qualified(key), quoted(key.part)),
            loss_of(key, context_.from));
        return;
    }
    Statement statement(drop(key) + (context_.from.has_constraint_as_part(key) ? " CASCADE" : ""),
                        loss_of(key, context_.from));
    if (outlives_the_rest(key) && verdicts_.is(key, Verdict::drop))
        statement.online = drop_online(key);
    else if (is_replaced(key))
        statement.online = set_aside(key);
    steps_[step({key, Role::drop})].statements.push_back(std::move(statement));
}

void Steps::emit_create(const Key& key) {
    if (folded_.find({key, Role::create}) != nullptr)
        return;
    std::vector<Statement> statements = created(key);
    std::vector<Statement>& place = steps_[step({key, Role::create})].statements;
    place.insert(place.end(), statements.begin(), statements.end());
    statements = mended_privileges(key);
    place.insert(place.end(), statements.begin(), statements.end());
}

void Steps::emit_finish_of_made(const Key& key) {
    if (const Sequence* sequence = context_.to.find<Sequence>(key); sequence != nullptr && sequence->owner)
        steps_[step({key, Role::finish})].statements.emplace_back(
            fmt::format("ALTER SEQUENCE {} OWNED BY {}.{}", qualified(key), qualified(*sequence->owner),
                        quoted(sequence->owner->part)));
    if (const Table* table = context_.to.find<Table>(key); table != nullptr && table->is_partition())
        steps_[step({key, Role::finish})].statements.emplace_back(attach_partition(*table));
}

/// Indexes of partitions become parts of the index of the whole. One that is there before its table is
/// attached does by itself.
void Steps::emit_attachments_of_parts() {
    for (const auto& [key, object] : context_.to.objects()) {
        if (key.kind != Kind::index && key.kind != Kind::constraint)
            continue;
        const std::optional<Key> whole = context_.to.whole(key);
        if (!whole)
            continue;
        const bool was = context_.from.whole(key) == whole && !verdicts_.made(key) && !verdicts_.made(*whole);
        const Key table = *context_.to.container(key);
        if (was && context_.follows(table) && !verdicts_.made(table))
            continue;
        const bool whole_comes_later =
            verdicts_.made(*whole) && folded_.find({*whole, Role::create}) == nullptr;
        const bool attached_now = verdicts_.made(table) || !context_.follows(table) ||
                                  places_.find({table, Role::release}) != nullptr;
        if (!whole_comes_later && attached_now) {
            const auto made = find({key, Role::create});
            const auto attached = find({table, Role::finish});
            if (made && attached)
                graph_.before(*made, *attached);
            continue;
        }
        const std::size_t finish = step({*whole, Role::finish});
        steps_[finish].statements.emplace_back(
            fmt::format("ALTER INDEX {} ATTACH PARTITION {}", index_name(*whole), index_name(key)));
        for (const Place& first : {Place{key, Role::create}, Place{key, Role::alter},
                                   Place{*whole, Role::create}, Place{table, Role::finish}})
            if (const auto found = find({first.key, first.role}))
                graph_.before(*found, finish);
        const auto attached = find({table, Role::finish});
        const auto made = find({*whole, Role::create});
        if (attached && made)
            graph_.before(*attached, *made);
    }
}

std::size_t Steps::step(PlaceView place) {
    if (const std::size_t* found = places_.find(place))
        return *found;
    const Key& key = place.key;
    const Role role = place.role;
    std::string where = qualified(key) + "." + key.part;
    const Table* table = context_.to.find<Table>(table_of(key));
    if (key.kind == Kind::column && table != nullptr)
        for (std::size_t i = 0; i < table->columns.size(); ++i)
            if (table->columns[i].key == key)
                where = fmt::format("{}.{:05}", qualified(key), i);
    const bool foreign = is_foreign(key, role == Role::drop ? context_.from : context_.to);
    const std::size_t node = graph_.add({rank(key, role, foreign), where});
    steps_.push_back({key, role, {}});
    places_.add(place, node);
    return node;
}

std::optional<std::size_t> Steps::find(PlaceView place) const {
    const Place* folded = folded_.find(place);
    while (folded != nullptr) {
        const Place* const further = folded_.find({folded->key, folded->role});
        if (further == nullptr)
            break;
        folded = further;
    }
    const std::size_t* found =
        folded == nullptr ? places_.find(place) : places_.find({folded->key, folded->role});
    return found == nullptr ? std::nullopt : std::optional(*found);
}

} // namespace dibs::schema
