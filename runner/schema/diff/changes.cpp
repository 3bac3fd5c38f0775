#include "schema/diff/changes.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

/// What a person calls it, where it stands under its table.
std::string noun(const Key& key, const Inventory& in) {
    if (const Constraint* constraint = in.find<Constraint>(key)) {
        switch (constraint->type) {
        case Constraint::Type::primary_key:
            return "primary key " + quoted(key.part);
        case Constraint::Type::unique:
            return "unique " + quoted(key.part);
        case Constraint::Type::foreign_key:
            return "foreign key " + quoted(key.part);
        case Constraint::Type::check:
            return "check " + quoted(key.part);
        case Constraint::Type::exclusion:
            return "exclusion " + quoted(key.part);
        }
    }
    if (key.kind == Kind::default_value)
        return "default of " + quoted(key.part);
    if (key.kind == Kind::index)
        return "index " + quoted(key.name);
    if (key.part.empty() || is_routine(key.kind))
        return described(key);
    return fmt::format("{} {}", word(key.kind), quoted(key.part));
}

/// The object in a few words, behind its name.
std::string detail(const Key& key, const Inventory& in) {
    if (const Column* column = in.find<Column>(key))
        return column_definition(*column, true).substr(quoted(key.part).size());
    if (const Constraint* constraint = in.find<Constraint>(key))
        return ": " + constraint_definition(*constraint);
    if (const Index* index = in.find<Index>(key)) {
        const std::size_t method = index->definition.find("USING ");
        return fmt::format("{}: {}", index->unique ? " (unique)" : "",
                           method == std::string::npos ? index->definition
                                                       : index->definition.substr(method + 6));
    }
    if (key.kind == Kind::default_value)
        if (const Column* column = in.find<Column>({Kind::column, key.schema, key.name, key.part}))
            return ": " + column->expression.value_or("");
    return {};
}

Key group_of(const Key& key, const Inventory& in) {
    if (const Index* index = in.find<Index>(key))
        return index->table;
    if (key.kind == Kind::domain_constraint)
        return {Kind::domain, key.schema, key.name, ""};
    if (key.part.empty() || is_routine(key.kind))
        return key;
    for (const Kind kind : {Kind::table, Kind::view, Kind::materialized_view})
        if (const Key relation{kind, key.schema, key.name, ""}; in.has(relation))
            return relation;
    return key;
}

class Lines {
  public:
    Lines(const Context& context, const Verdicts& verdicts) : context_(context), verdicts_(verdicts) {}

    std::vector<Change> all() {
        for (const auto& [key, verdict] : verdicts_.of)
            add(key, verdict);
        remark_on_renames();
        std::stable_sort(lines_.begin(), lines_.end(), [](const Change& a, const Change& b) {
            const bool own_a = a.object == a.group;
            const bool own_b = b.object == b.group;
            return std::tuple(a.group.kind, a.group, !own_a, a.object.kind) <
                   std::tuple(b.group.kind, b.group, !own_b, b.object.kind);
        });
        return std::move(lines_);
    }

  private:
    void add(const Key& key, Verdict verdict);
    void remark_on_renames();
    [[nodiscard]] std::vector<Hazard> hazards(const Key& key, Verdict verdict) const;

    const Context& context_;
    const Verdicts& verdicts_;
    std::vector<Change> lines_;
};

/// What making this does to a table that has rows.
std::vector<Hazard> Lines::hazards(const Key& key, Verdict verdict) const {
    std::vector<Hazard> found;
    const bool drops = verdict == Verdict::drop || verdict == Verdict::rebuild;
    if (drops && key.kind == Kind::table)
        found.push_back({Hazard::Type::data_loss, "all rows", Hazard::Loses::table});
    if (drops && key.kind == Kind::column && !context_.from.find<Column>(key)->generated)
        found.push_back({Hazard::Type::data_loss, "all values", Hazard::Loses::column});
    if (verdict == Verdict::drop)
        return found;
    if (const Column* column = context_.to.find<Column>(key)) {
        if (column->generated || column->identity)
            found.push_back({Hazard::Type::rewrite, "every row is written anew while nobody else may read"});
        else if (column->expression && column->expression->find('(') != std::string::npos &&
                 column->expression != "now()")
            found.push_back(
                {Hazard::Type::rewrite, "every row is written anew, unless the default is stable"});
        if (column->not_null && !column->expression && !column->identity) {
            Hazard hazard{Hazard::Type::may_fail,
                          "fails when there are rows: they would have no value; give it a "
                          "default, or add it nullable, fill it, and set NOT NULL then"};
            hazard.probe = "SELECT FROM " + qualified(table_of(key));
            hazard.if_so = "there are rows, which would have no value: give it a default, or add it "
                           "nullable, fill it, and set NOT NULL then";
            found.push_back(std::move(hazard));
        }
    }
    if (const Constraint* constraint = context_.to.find<Constraint>(key);
        constraint != nullptr && constraint->validated) {
        found.push_back(
            {Hazard::Type::long_lock, constraint->has_index() ? "an index is built while nobody else may read"
                                      : constraint->type == Constraint::Type::check
                                          ? "every row is read while nobody else may"
                                          : "every row is read while both tables cannot be written"});
        found.push_back({Hazard::Type::may_fail, "rows that violate it are refused"});
    }
    if (key.kind == Kind::index)
        found.push_back({Hazard::Type::long_lock, "nobody may write while it is built"});
    return found;
}

void Lines::add(const Key& key, Verdict verdict) {
    const Inventory& here = verdict == Verdict::drop ? context_.from : context_.to;
    const Inventory& there = verdict == Verdict::drop ? context_.to : context_.from;
    const Key group = group_of(key, here);
    if (group != key && verdict != Verdict::alter) {
        const bool with_group = verdict == Verdict::drop ? verdicts_.gone(group) : verdicts_.made(group);
        const Key column{Kind::column, key.schema, key.name, key.part};
        const bool with_column = key.kind == Kind::default_value &&
                                 (verdict == Verdict::drop ? verdicts_.gone(column) : verdicts_.made(column));
        if (with_group || with_column)
            return; // said with it
    }
    if (verdict == Verdict::alter) {
        for (const Part& part : verdicts_.alterations.at(key).parts)
            if (!part.text.empty())
                lines_.push_back({'~',
                                  key,
                                  group,
                                  group == key ? part.text : noun(key, here) + ": " + part.text,
                                  part.hazards,
                                  {}});
        return;
    }
    Change change;
    change.object = key;
    change.group = group;
    const bool on_existing = group != key && there.has(group);
    if (verdict == Verdict::rebuild) {
        change.sign = '~';
        const std::string& why = verdicts_.reasons.at(key);
        change.text = fmt::format("{}made again: {}", group == key ? "" : noun(key, here) + ": ", why);
        change.hazards = hazards(key, verdict);
    } else {
        change.sign = verdict == Verdict::create ? '+' : '-';
        change.text = noun(key, here) + (verdict == Verdict::create && group != key ? detail(key, here) : "");
        if (verdict == Verdict::drop || on_existing)
            change.hazards = hazards(key, verdict);
    }
    lines_.push_back(std::move(change));
}

/// A column that goes and one of the same type that comes may be one that was renamed. Only the user knows.
void Lines::remark_on_renames() {
    for (Change& gone : lines_) {
        if (gone.sign != '-')
            continue;
        std::vector<Change*> like;
        for (Change& come : lines_) {
            if (come.sign != '+' || come.object.kind != gone.object.kind)
                continue;
            if (const Column* old = context_.from.find<Column>(gone.object)) {
                const Column* now = context_.to.find<Column>(come.object);
                if (table_of(old->key) == table_of(now->key) && old->type == now->type &&
                    old->not_null == now->not_null)
                    like.push_back(&come);
            } else if (const Table* table = context_.from.find<Table>(gone.object)) {
                const Table* other = context_.to.find<Table>(come.object);
                const bool same =
                    !table->columns.empty() &&
                    std::equal(table->columns.begin(), table->columns.end(), other->columns.begin(),
                               other->columns.end(), [](const Column& a, const Column& b) {
                                   return a.key.part == b.key.part && a.type == b.type;
                               });
                if (same)
                    like.push_back(&come);
            }
        }
        if (like.size() == 1)
            like.front()->remark = fmt::format("looks like a rename of {}", gone.object.kind == Kind::column
                                                                                ? quoted(gone.object.part)
                                                                                : qualified(gone.object));
    }
}

} // namespace

std::vector<Change> changes(const Context& context, const Verdicts& verdicts) {
    return Lines(context, verdicts).all();
}

} // namespace dibs::schema
