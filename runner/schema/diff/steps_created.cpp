#include "schema/diff/inheritance.hpp"
#include "schema/diff/online.hpp"
#include "schema/diff/steps.hpp"
#include "schema/sql/attachments.hpp"
#include "schema/sql/create.hpp"

namespace dibs::schema {

/// What a partition would get on being attached, although it is to have none.
bool Steps::is_invalid_whole(const Key& key, const Key& table) const {
    const Table* partitioned = context_.to.find<Table>(table);
    const Constraint* constraint = context_.to.find<Constraint>(key);
    return partitioned != nullptr && !partitioned->partitioned_by.empty() &&
           (constraint == nullptr || constraint->has_index()) &&
           !context_.to.without_part(key, table).empty();
}

/// Whether to make an index on the partitioned table alone: each partition has its own.
bool Steps::only_here(const Key& table, const Constraint* constraint) const {
    const Table* now = context_.to.find<Table>(table);
    return now != nullptr && !now->partitioned_by.empty() &&
           (constraint == nullptr || constraint->has_index()) &&
           (!context_.to.children(table).empty() || !context_.from.children(table).empty());
}

std::vector<Statement> Steps::created(const Key& key) const {
    return std::visit(
        Overloaded{[](const auto* object) { return create(*object); },
                   [&](const Column* column) {
                       std::vector<Statement> made = create(*column);
                       if (comes_by_a_parent(*column, context_)) {
                           Column passed_on = *column;
                           passed_on.key.name = parent_for_a_while(table_of(column->key)).name;
                           made.front() = create(passed_on).front();
                       }
                       return made;
                   },
                   [&](const Table* table) {
                       TableParts parts;
                       parts.parent = [&](const Key& parent) { return context_.to.find<Table>(parent); };
                       for (const Constraint* constraint : context_.to.constraints(table->key)) {
                           const Place* folded = folded_.find({constraint->key, Role::create});
                           const bool skipped =
                               constraint->inherited && !constraint->local && !table->is_partition();
                           if (!skipped && folded != nullptr && folded->key == table->key)
                               parts.constraints.push_back(constraint);
                       }
                       for (const Column& column : table->columns)
                           if (unfolded_creates_.contains(table->key))
                               parts.without_default.insert(column.key.part);
                       return create(*table, parts);
                   },
                   [&](const Domain* domain) {
                       std::vector<const DomainConstraint*> constraints;
                       for (const DomainConstraint& constraint : context_.to_model.domain_constraints)
                           if (folded_.find({constraint.key, Role::create}) != nullptr &&
                               context_.to.container(constraint.key) == domain->key)
                               constraints.push_back(&constraint);
                       return create(*domain, constraints);
                   },
                   [](Default value) { return std::vector{Statement(set_default(*value.column))}; },
                   [&](const Constraint* constraint) {
                       std::vector<Statement> made =
                           create(*constraint, only_here(table_of(constraint->key), constraint));
                       if (in_use(table_of(constraint->key)) && !constraint->whole)
                           made.front().online = add_online(*constraint);
                       return made;
                   },
                   [&](const Index* index) {
                       std::vector<Statement> made = create(*index, only_here(index->table, nullptr));
                       if (in_use(index->table) && !index->whole)
                           made.front().online =
                               is_replaced(key) ? replace_online(*index) : build_online(*index);
                       return made;
                   },
                   [&](const Scripted* scripted) {
                       return key.kind == Kind::rule ? create_rule(*scripted) : create_trigger(*scripted);
                   },
                   [](const LeftAlone*) { return std::vector<Statement>(); }},
        context_.to.objects().at(key));
}

/// What the default privileges of the one who makes it give and it is not to have, or the other way round.
/// What is declared without privileges has those.
std::vector<Statement> Steps::mended_privileges(const Key& key) const {
    const std::set<Grant> usual = fresh(key).grants;
    const std::set<Grant> now = given(key, context_.from_model.default_privileges);
    if (now == usual)
        return {};
    const std::set<Grant>* const wanted = std::visit(
        Overloaded{[](const auto* object) -> const std::set<Grant>* { return &object->attached.grants; },
                   [](Default) -> const std::set<Grant>* { return nullptr; },
                   [](const LeftAlone*) -> const std::set<Grant>* { return nullptr; }},
        context_.to.objects().at(key));
    const bool undeclared = wanted != nullptr && context_.to_model.declared && *wanted == usual &&
                            !context_.from.objects().contains(key);
    return wanted == nullptr || undeclared ? std::vector<Statement>() : mend_privileges(key, now, *wanted);
}

} // namespace dibs::schema
