#include "schema/diff/undeclared.hpp"

#include <algorithm>
#include <set>

#include "schema/diff/inventory.hpp"
#include "schema/sql/attachments.hpp"

namespace dibs::schema {
namespace {

template <class T>
void keep_unless_said(T& wanted, const T& current, const T& unsaid) {
    if (wanted == unsaid)
        wanted = current;
}

void keep_unsaid(Attachments& wanted, const Attachments& current, const std::set<Grant>& unsaid = {}) {
    keep_unless_said(wanted.grants, current.grants, unsaid);
}

void keep_unsaid(Column& wanted, const Column& current) {
    keep_unsaid(wanted.attached, current.attached);
    if (wanted.type == current.type) {
        keep_unless_said(wanted.storage, current.storage, {});
        keep_unless_said(wanted.compression, current.compression, {});
    }
    keep_unless_said(wanted.statistics, current.statistics, -1);
    keep_unless_said(wanted.options, current.options, {});
}

void keep_unsaid(Table& wanted, const Table& current) {
    keep_unsaid(wanted.attached, current.attached);
    keep_unless_said(wanted.unlogged, current.unlogged, false);
    keep_unless_said(wanted.row_security, current.row_security, false);
    keep_unless_said(wanted.force_row_security, current.force_row_security, false);
    keep_unless_said(wanted.replica_identity, current.replica_identity, 'd');
    keep_unless_said(wanted.access_method, current.access_method, {});
    keep_unless_said(wanted.options, current.options, {});
    keep_unless_said(wanted.partitioned_by, current.partitioned_by, {});
    for (Column& column : wanted.columns)
        if (const Column* now = current.column(column.key.part))
            keep_unsaid(column, *now);
}

/// A constraint or an index.
template <class Used>
void keep_unsaid_use(Used& wanted, const Used& current) {
    keep_unless_said(wanted.clustered, current.clustered, false);
    keep_unless_said(wanted.replica_identity, current.replica_identity, false);
}

void keep_unsaid_privileges(const Inventory& now, Model& wanted) {
    const auto keep = [&](auto& objects) {
        for (auto& object : objects)
            if (const auto* current = now.find<std::decay_t<decltype(object)>>(object.key))
                keep_unsaid(object.attached, current->attached, fresh(object.key).grants);
    };
    for (Namespace& each : wanted.schemas)
        if (const auto* current = now.find<Namespace>(each.key);
            current != nullptr && each.key.name != "public") // where no privilege is one that was taken away
            keep_unsaid(each.attached, current->attached);
    keep(wanted.tables);
    keep(wanted.views);
    keep(wanted.functions);
    keep(wanted.sequences);
    keep(wanted.enumerations);
    keep(wanted.domains);
    keep(wanted.composites);
    keep(wanted.made);
}

class Keeping {
  public:
    Keeping(const Model& current, Model& wanted)
        : current_(current), wanted_(wanted), now_(current), declared_(keys_of(Inventory(wanted))) {
        for (const Key& key : declared_)
            if (!key.schema.empty())
                schemas_.insert(key.schema);
    }

    std::vector<Key> all() {
        keep(current_.schemas, wanted_.schemas);
        keep(current_.extensions, wanted_.extensions);
        keep(current_.made, wanted_.made);
        keep(current_.enumerations, wanted_.enumerations);
        keep(current_.domains, wanted_.domains);
        keep(current_.domain_constraints, wanted_.domain_constraints);
        keep(current_.composites, wanted_.composites);
        keep(current_.functions, wanted_.functions);
        keep(current_.views, wanted_.views);
        keep(current_.tables, wanted_.tables);
        keep(current_.sequences, wanted_.sequences);
        keep(current_.constraints, wanted_.constraints);
        keep(current_.indexes, wanted_.indexes);
        keep(current_.rules, wanted_.rules);
        keep(current_.triggers, wanted_.triggers);
        keep(current_.policies, wanted_.policies);
        keep(current_.left_alone, wanted_.left_alone);
        for (const Dependency& dependency : current_.dependencies)
            if (kept_.contains(dependency.dependent))
                wanted_.dependencies.push_back(dependency);
        keep_what_tables_have();
        std::vector<Key> told;
        for (const Key& key : kept_)
            if (schemas_.contains(key.schema))
                told.push_back(key);
        return told;
    }

  private:
    static std::set<Key> keys_of(const Inventory& inventory) {
        std::set<Key> keys;
        for (const auto& [key, object] : inventory.objects())
            keys.insert(key);
        return keys;
    }

    template <class T>
    void keep(const std::vector<T>& from, std::vector<T>& to) {
        for (const T& object : from)
            if (!declared_.contains(object.key) && stays(object.key)) {
                kept_.insert(object.key);
                to.push_back(object);
            }
        std::sort(to.begin(), to.end(), [](const T& a, const T& b) { return a.key < b.key; });
    }

    [[nodiscard]] bool there(const Key& key) const { return declared_.contains(key) || kept_.contains(key); }

    [[nodiscard]] bool stays(const Key& key) const {
        switch (key.kind) {
        case Kind::domain_constraint:
            return kept_.contains(*now_.container(key));
        case Kind::constraint:
        case Kind::index: {
            const std::optional<Key> relation = now_.container(key);
            return relation && kept_.contains(*relation);
        }
        case Kind::rule:
        case Kind::trigger:
        case Kind::policy: {
            const std::optional<Key> relation = now_.container(key);
            return relation && there(*relation);
        }
        case Kind::sequence: {
            const std::optional<Key>& owner = now_.find<Sequence>(key)->owner;
            return !owner || kept_.contains(table_of(*owner));
        }
        case Kind::table:
            return !schemas_.contains(key.schema) || is_partition_of_what_stays(key);
        case Kind::enumeration:
            return !schemas_.contains(key.schema);
        default:
            return true;
        }
    }

    [[nodiscard]] bool is_partition_of_what_stays(const Key& key) const {
        const Table* table = now_.find<Table>(key);
        while (table != nullptr && table->is_partition()) {
            if (declared_.contains(table->parents.front()))
                return true;
            table = now_.find<Table>(table->parents.front());
        }
        return false;
    }

    void keep_what_tables_have() {
        for (Namespace& each : wanted_.schemas)
            if (const auto* now = now_.find<Namespace>(each.key)) {
                if (each.untouched)
                    each.attached.grants = now->attached.grants;
                if (each.attached.comment == "standard public schema") // every new database has it
                    each.attached.comment = now->attached.comment;
            }
        for (Table& table : wanted_.tables)
            if (const Table* now = now_.find<Table>(table.key))
                keep_unsaid(table, *now);
        for (Constraint& constraint : wanted_.constraints)
            if (const auto* now = now_.find<Constraint>(constraint.key))
                keep_unsaid_use(constraint, *now);
        for (Index& index : wanted_.indexes)
            if (const Index* now = now_.find<Index>(index.key)) {
                keep_unsaid_use(index, *now);
                keep_unless_said(index.statistics, now->statistics, {});
            }
        keep_unsaid_privileges(now_, wanted_);
    }

    const Model& current_;
    Model& wanted_;
    Inventory now_;
    std::set<Key> declared_;
    std::set<std::string> schemas_; ///< of which something is declared
    std::set<Key> kept_;
};

} // namespace

std::vector<Key> keep_undeclared(const Model& current, Model& wanted) {
    wanted.declared = true;
    return Keeping(current, wanted).all();
}

void keep_undeclared_privileges(const Model& current, Model& wanted) {
    if (wanted.declared)
        keep_unsaid_privileges(Inventory(current), wanted);
}

} // namespace dibs::schema
