#include "schema/diff/refusals.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "schema/diff/inheritance.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

class Refusals {
  public:
    Refusals(const Context& context, const Verdicts& verdicts)
        : context_(context), from_(context.from), to_(context.to), verdicts_(verdicts) {}

    std::vector<std::string> all() {
        partition_keys();
        stored_domains();
        stored_rows();
        inherited();
        return std::move(lines_);
    }

  private:
    void refuse(const Key& key, const std::string& why) {
        std::string line = described(key) + ": " + why;
        if (std::find(lines_.begin(), lines_.end(), line) == lines_.end())
            lines_.push_back(std::move(line));
    }

    void partition_keys();
    void stored_domains();
    void stored_rows();
    void inherited();
    void inherited_columns(const Table& old, const Table& now);
    [[nodiscard]] bool will_be_local(const Constraint& constraint, const std::vector<Key>& parents) const;

    const Context& context_;
    const Inventory& from_;
    const Inventory& to_;
    const Verdicts& verdicts_;
    std::vector<std::string> lines_;
};

/// PostgreSQL does not change the type of what a table is partitioned by.
void Refusals::partition_keys() {
    for (const Key& key : verdicts_.retyped) {
        const Key table_key = table_of(key);
        const Table* table = from_.find<Table>(table_key);
        if (table == nullptr || verdicts_.gone(table_key) || verdicts_.gone(key))
            continue;
        const std::string name = quoted(key.part);
        const std::string& partitioned_by = table->partitioned_by;
        const auto in_word = [&](std::size_t at) {
            return at < partitioned_by.size() &&
                   (std::isalnum(static_cast<unsigned char>(partitioned_by[at])) != 0 ||
                    partitioned_by[at] == '_' || partitioned_by[at] == '"');
        };
        for (std::size_t at = partitioned_by.find('('); at != std::string::npos;) {
            at = partitioned_by.find(name, at + 1);
            if (at != std::string::npos && !in_word(at - 1) && !in_word(at + name.size())) {
                refuse(key, "its type changes, and " + qualified(table_key) + " is partitioned by it");
                break;
            }
        }
    }
}

/// PostgreSQL does not change a column's type while another column holds whole rows of its table.
void Refusals::stored_rows() {
    std::set<Key> changed;
    for (const Key& key : verdicts_.retyped)
        if (!verdicts_.gone(key))
            changed.insert(table_of(key));
    for (bool more = !changed.empty(); more;) {
        more = false;
        for (const auto& [dependent, on] : from_.dependencies()) {
            if (!changed.contains(on) || verdicts_.gone(dependent))
                continue;
            if (dependent.kind == Kind::composite || dependent.kind == Kind::domain)
                more = changed.insert(dependent).second || more;
            else if (dependent.kind == Kind::column && from_.container(dependent) != on &&
                     !from_.has({Kind::view, dependent.schema, dependent.name, ""}))
                refuse(dependent,
                       "it holds values of " + described(on) + ", of which a column gets another type");
        }
    }
}

/// PostgreSQL does not look into arrays and composite types for values that a domain's new rule refuses.
void Refusals::stored_domains() {
    std::set<Key> stricter;
    for (const auto& [key, verdict] : verdicts_.of) {
        const Key domain{Kind::domain, key.schema, key.name, ""};
        if (verdicts_.made(domain))
            continue;
        if (key.kind == Kind::domain_constraint && verdict != Verdict::drop)
            stricter.insert(domain);
        if (key.kind == Kind::domain && verdict == Verdict::alter &&
            to_.find<Domain>(key)->not_null != from_.find<Domain>(key)->not_null)
            stricter.insert(domain);
    }
    for (bool more = !stricter.empty(); more;) {
        more = false;
        for (const auto& [dependent, on] : from_.dependencies()) {
            if (!stricter.contains(on) || verdicts_.gone(dependent))
                continue;
            const Column* column = from_.find<Column>(dependent);
            if (dependent.kind == Kind::domain)
                more = stricter.insert(dependent).second || more;
            else if (dependent.kind == Kind::composite || (column != nullptr && column->type.ends_with("[]")))
                refuse(on, "it becomes stricter while " + described(dependent) + " holds values of it");
        }
    }
}

/// PostgreSQL has no way to say of a column that is there whether the table itself declares it.
void Refusals::inherited_columns(const Table& old, const Table& now) {
    for (const Column& column : now.columns) {
        const Column* before = old.column(column.key.part);
        bool local = !follows_parent(column.key, context_) && !comes_by_a_parent(column, context_);
        if (before != nullptr && !verdicts_.gone(column.key)) {
            const bool still = std::any_of(old.parents.begin(), old.parents.end(), [&](const Key& parent) {
                const Key above{Kind::column, parent.schema, parent.name, column.key.part};
                return std::find(now.parents.begin(), now.parents.end(), parent) != now.parents.end() &&
                       from_.has(above) && to_.has(above);
            });
            local = before->local || !still; // what nobody has any more becomes the table's own
        }
        if (column.local != local && (column.inherited || (before != nullptr && before->inherited)))
            refuse(column.key, "whether a column that is inherited is declared in the table as well changes");
    }
}

/// @param parents that the table keeps
bool Refusals::will_be_local(const Constraint& constraint, const std::vector<Key>& parents) const {
    const auto above = [&](const Key& parent) {
        return Key{Kind::constraint, parent.schema, parent.name, constraint.key.part};
    };
    const Constraint* before = from_.find<Constraint>(constraint.key);
    if (before == nullptr || verdicts_.gone(constraint.key))
        return !follows_parent(constraint.key, context_) &&
               std::none_of(parents.begin(), parents.end(), [&](const Key& parent) {
                   return to_.has(above(parent)) && !verdicts_.made(above(parent));
               });
    return before->local || std::none_of(parents.begin(), parents.end(), [&](const Key& parent) {
               return from_.has(above(parent)) && to_.has(above(parent));
           });
}

void Refusals::inherited() {
    for (const Table& now : context_.to_model.tables) {
        const Table* old = from_.find<Table>(now.key);
        if (old == nullptr || now.is_partition() || old->is_partition() || verdicts_.gone(now.key) ||
            (old->parents.empty() && now.parents.empty()))
            continue;
        inherited_columns(*old, now);
        std::vector<Key> parents = old->parents; // what ALTER TABLE leads to
        std::erase_if(parents, [&](const Key& parent) {
            return std::find(now.parents.begin(), now.parents.end(), parent) == now.parents.end();
        });
        for (const Constraint* constraint : from_.constraints(now.key))
            if (constraint->inherited && !parents.empty() && !context_.follows(now.key) &&
                verdicts_.gone(constraint->key))
                refuse(constraint->key, "it is inherited, and its table gets other parents");
        for (const Constraint* constraint : to_.constraints(now.key))
            if (constraint->inherited && constraint->local != will_be_local(*constraint, parents))
                refuse(constraint->key,
                       "whether a constraint that is inherited is declared in the table as well changes");
        for (const Key& parent : now.parents)
            if (std::find(parents.begin(), parents.end(), parent) == parents.end())
                parents.push_back(parent);
        if (parents != now.parents)
            refuse(now.key, "its parents get another order");
    }
    for (const auto& [key, verdict] : verdicts_.of) {
        if (verdict != Verdict::drop || !keeps_inherited(key, context_))
            continue;
        for (const Key& child : from_.children(table_of(key)))
            if (const Key column{Kind::column, child.schema, child.name, key.part};
                !to_.has(column) && !verdicts_.gone(child) && context_.follows(child))
                refuse(key, "one child keeps it and another does not");
    }
}

} // namespace

std::vector<std::string> refusals(const Context& context, const Verdicts& verdicts) {
    return Refusals(context, verdicts).all();
}

} // namespace dibs::schema
