#include "schema/diff/verdicts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "schema/diff/conversion.hpp"
#include "schema/diff/index_parts.hpp"
#include "schema/diff/inheritance.hpp"
#include "schema/diff/refusals.hpp"
#include "schema/sql/attachments.hpp"
#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

class Decision {
  public:
    explicit Decision(const Context& context) : context_(context), from_(context.from), to_(context.to) {}

    Verdicts run() {
        compare_all();
        keep_by_renaming();
        while (spread()) {
        }
        for (const Key& key : in_the_way_of_parts(verdicts_, context_))
            (void)rebuild(key, "it would become a part of the whole table's index");
        while (spread()) {
        }
        for (const std::string& line : refusals(context_, verdicts_))
            verdicts_.unsupported.push_back(line);
        for (const auto& [key, alteration] : verdicts_.alterations)
            if (verdicts_.is(key, Verdict::alter) && !alteration.unsupported.empty())
                refuse(key, alteration.unsupported);
        return std::move(verdicts_);
    }

  private:
    void refuse(const Key& key, const std::string& why) {
        std::string line = described(key) + ": " + why;
        std::vector<std::string>& lines = verdicts_.unsupported;
        if (std::find(lines.begin(), lines.end(), line) == lines.end())
            lines.push_back(std::move(line));
    }

    void compare_all();
    void compare_both(const Key& key, const Object& from, const Object& to);
    void keep_by_renaming();
    /// One pass over what depends on what. @return whether anything is another now
    bool spread();
    bool give_up_renaming(const Key& old);
    bool give_up_whole(const Key& part, const Key& whole);
    [[nodiscard]] bool is_overloaded_anew(const Key& routine) const;
    bool spread_gone(const Key& dependent, const Key& on);
    bool spread_retyped(const Key& dependent, const Key& column);
    bool rebuild(const Key& key, const std::string& why);
    bool add_parts(const Key& key, Alteration more);

    const Context& context_;
    const Inventory& from_;
    const Inventory& to_;
    Verdicts verdicts_;
};

void Decision::compare_all() {
    auto old = from_.objects().begin();
    auto now = to_.objects().begin();
    const auto old_end = from_.objects().end();
    const auto now_end = to_.objects().end();
    while (old != old_end || now != now_end) {
        if (now == now_end || (old != old_end && old->first < now->first)) {
            if (old->first.kind == Kind::other)
                refuse(old->first, "dibs leaves it alone, and it is only in what is to be changed");
            else if (const Scripted* trigger = inherited_trigger(old->first, from_))
                add_parts(old->first, fires_with_its_whole(*trigger, context_));
            else if (!follows_parent(old->first, context_))
                verdicts_.of.emplace(old->first, Verdict::drop);
            ++old;
        } else if (old == old_end || now->first < old->first) {
            if (now->first.kind == Kind::other)
                refuse(now->first, "dibs leaves it alone, and it is only in what is wanted");
            else if (const Table* table = to_.find<Table>(now->first);
                     table != nullptr && !table->of_type.empty())
                refuse(now->first, "a table of a type");
            else if (const Constraint* constraint = to_.find<Constraint>(now->first);
                     constraint != nullptr && constraint->inherited &&
                     constraint->type == Constraint::Type::foreign_key)
                ; // a partition gets it when it is attached
            else if (const Scripted* trigger = inherited_trigger(now->first, to_))
                add_parts(now->first, fires_apart(*trigger, context_));
            else if (!follows_parent(now->first, context_))
                verdicts_.of.emplace(now->first, Verdict::create);
            else if (const Column* column = to_.find<Column>(now->first))
                add_parts(now->first, inherited_anew(*column, to_));
            ++now;
        } else {
            compare_both(now->first, old->second, now->second);
            ++old;
            ++now;
        }
    }
}

void Decision::compare_both(const Key& key, const Object& from, const Object& to) {
    if (key.kind == Kind::constraint && follows_parent(key, context_))
        return;
    Alteration alteration = std::visit(
        Overloaded{[&]<class T>(const T* old, const T* now) { return compare(*old, *now, context_); },
                   [&](Default old, Default now) { return compare(old, now, context_); },
                   [](const LeftAlone*, const LeftAlone*) { return Alteration(); },
                   [](const auto&, const auto&) { return Alteration(); }},
        from, to);
    if (const Column* old = from_.find<Column>(key)) {
        const Column* now = to_.find<Column>(key);
        if (old->type != now->type || old->collation != now->collation)
            verdicts_.retyped.insert(key);
    }
    if (alteration.rebuild) {
        verdicts_.of.emplace(key, Verdict::rebuild);
        verdicts_.reasons.emplace(key, alteration.why);
    } else {
        add_parts(key, std::move(alteration));
    }
}

bool Decision::add_parts(const Key& key, Alteration more) {
    if (more.empty())
        return false;
    verdicts_.of.emplace(key, Verdict::alter);
    Alteration& alteration = verdicts_.alterations[key];
    alteration.parts.insert(alteration.parts.end(), more.parts.begin(), more.parts.end());
    if (alteration.unsupported.empty())
        alteration.unsupported = more.unsupported;
    return true;
}

/// An index or constraint that is the same but for its name is renamed: nothing is lost, and nothing built.
void Decision::keep_by_renaming() {
    const auto renamed = [&](const auto& old, const auto& now, const std::string& sql) {
        verdicts_.of.erase(old.key);
        verdicts_.of.erase(now.key);
        verdicts_.renamed.emplace(now.key, old.key);
        Alteration alteration;
        alteration.parts.push_back(
            {Role::alter,
             "renamed from " + quoted(old.key.kind == Kind::index ? old.key.name : old.key.part),
             {Statement(sql)}});
        if constexpr (std::is_same_v<decltype(now), const Constraint&>)
            compare_attachments(old, now, alteration);
        else
            compare_attachments(now.key, old.attached, now.attached, alteration);
        add_parts(now.key, std::move(alteration));
    };
    std::vector<Key> dropped;
    for (const auto& [key, verdict] : verdicts_.of)
        if (verdict == Verdict::drop && (key.kind == Kind::index || key.kind == Kind::constraint))
            dropped.push_back(key);
    const auto plain = [&](const Key& table) { // an index of a partitioned table has parts
        const Table* found = to_.find<Table>(table);
        return !verdicts_.of.contains(table) && (found == nullptr || found->partitioned_by.empty());
    };
    for (const Key& key : dropped) {
        if (const Index* index = from_.find<Index>(key)) {
            for (const Index* each : to_.indexes(index->table)) {
                const Index& other = *each;
                Index same = *index;
                same.key = other.key;
                same.attached = other.attached;
                if (same == other && verdicts_.is(other.key, Verdict::create) && !index->whole &&
                    plain(index->table) && index->key.schema == other.key.schema) {
                    renamed(
                        *index, other,
                        fmt::format("ALTER INDEX {} RENAME TO {}", qualified(key), quoted(other.key.name)));
                    break;
                }
            }
        } else if (const Constraint* constraint = from_.find<Constraint>(key)) {
            for (const Constraint* each : to_.constraints(table_of(key))) {
                const Constraint& other = *each;
                Constraint same = *constraint;
                same.key = other.key;
                same.attached = other.attached;
                same.index_comment = other.index_comment;
                if (same == other && other.key.name == key.name && other.key.schema == key.schema &&
                    verdicts_.is(other.key, Verdict::create) && !constraint->whole && plain(table_of(key))) {
                    renamed(*constraint, other,
                            fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", qualified(key),
                                        quoted(key.part), quoted(other.key.part)));
                    break;
                }
            }
        }
    }
}

bool Decision::rebuild(const Key& key, const std::string& why) {
    if (!from_.has(key) || !to_.has(key) || verdicts_.gone(key) ||
        (key.kind == Kind::constraint && follows_parent(key, context_)))
        return false;
    verdicts_.of.insert_or_assign(key, Verdict::rebuild);
    verdicts_.reasons.emplace(key, why);
    return true;
}

bool Decision::spread() {
    bool any = false;
    for (const auto& [dependent, on] : from_.dependencies()) {
        if (verdicts_.gone(dependent)) {
            any = (from_.whole(dependent) == on && give_up_whole(dependent, on)) || any;
            continue;
        }
        if (!to_.has(dependent) && dependent.kind != Kind::other) {
            any = (verdicts_.gone(on) && give_up_renaming(dependent)) || any;
            continue;
        }
        if (verdicts_.gone(on))
            any = spread_gone(dependent, on) || any;
        else if (verdicts_.retyped.contains(on))
            any = spread_retyped(dependent, on) || any;
    }
    return any;
}

/// PostgreSQL does not drop the part of an index alone while its table stays a partition.
bool Decision::give_up_whole(const Key& part, const Key& whole) {
    const Key table = *from_.container(part);
    return !verdicts_.gone(table) && context_.follows(table) &&
           rebuild(whole, described(part) + " is part of it");
}

/// What an index or a constraint is on goes, and takes it along.
bool Decision::give_up_renaming(const Key& old) {
    const auto renamed = std::find_if(verdicts_.renamed.begin(), verdicts_.renamed.end(),
                                      [&](const auto& each) { return each.second == old; });
    if (renamed == verdicts_.renamed.end())
        return false;
    const Key now = renamed->first;
    verdicts_.renamed.erase(renamed);
    verdicts_.alterations.erase(now);
    verdicts_.of.insert_or_assign(now, Verdict::create);
    verdicts_.of.insert_or_assign(old, Verdict::drop);
    return true;
}

/// Whether a function goes and others of its name come: while both are there, a call may not tell which.
bool Decision::is_overloaded_anew(const Key& routine) const {
    if (!is_routine(routine.kind))
        return false;
    for (const Kind kind : {Kind::function, Kind::procedure, Kind::aggregate})
        for (auto each = to_.objects().lower_bound({kind, routine.schema, routine.name, ""});
             each != to_.objects().end(); ++each) {
            const Key& other = each->first;
            if (other.kind != kind || other.schema != routine.schema || other.name != routine.name)
                break;
            if (!from_.has(other) || verdicts_.is(other, Verdict::rebuild))
                return true;
        }
    return false;
}

bool Decision::spread_gone(const Key& dependent, const Key& on) {
    const bool comes_again = verdicts_.is(on, Verdict::rebuild);
    const std::string why = fmt::format("{} is {}", described(on), comes_again ? "made again" : "dropped");
    if (dependent.kind == Kind::other) {
        refuse(dependent, "dibs leaves it alone, and " + why);
        return false;
    }
    if (from_.container(dependent) == on)
        return rebuild(dependent, why);
    if (from_.whole(dependent) == on) {
        const std::optional<Key> table = from_.container(dependent);
        if (!table || !context_.follows(*table) || verdicts_.gone(*from_.container(on)))
            return false; // the partition is detached first, and keeps it
        return rebuild(dependent, why);
    }
    if (dependent.kind == Kind::table && on.kind == Kind::table) {
        if (!comes_again || !context_.follows(dependent))
            return false; // compare() has seen that the parents differ
        const Table* child = from_.find<Table>(dependent);
        const bool known = verdicts_.alterations.contains(dependent) &&
                           std::any_of(verdicts_.alterations[dependent].parts.begin(),
                                       verdicts_.alterations[dependent].parts.end(),
                                       [](const Part& part) { return part.role == Role::release; });
        if (known)
            return false;
        Alteration again;
        const std::string text = "taken from " + qualified(on) + " and put back: " + why;
        if (child->is_partition()) {
            again.parts.push_back({Role::release, text, {Statement(detach_partition(*child))}});
            again.parts.push_back(
                {Role::finish, "", {Statement(attach_partition(*to_.find<Table>(dependent)))}});
        } else {
            const std::string alter = "ALTER TABLE " + qualified(dependent);
            again.parts.push_back({Role::release, text, {Statement(alter + " NO INHERIT " + qualified(on))}});
            again.parts.push_back({Role::finish, "", {Statement(alter + " INHERIT " + qualified(on))}});
        }
        return add_parts(dependent, std::move(again));
    }
    if (dependent.kind == Kind::column && on.kind == Kind::column &&
        from_.inherited_from(*from_.find<Column>(dependent)) == on &&
        (verdicts_.gone(table_of(on)) || from_.find<Column>(dependent)->local || !comes_again))
        return false; // it is let go of first, or stays as the table's own
    if (dependent.kind == Kind::sequence && on.kind == Kind::column) {
        if (!comes_again || to_.find<Sequence>(dependent)->owner != on)
            return false;
        if (verdicts_.alterations.contains(dependent) && !verdicts_.alterations[dependent].parts.empty() &&
            verdicts_.alterations[dependent].parts.back().text.empty())
            return false;
        Alteration again;
        const std::string alter = "ALTER SEQUENCE " + qualified(dependent) + " OWNED BY ";
        again.parts.push_back({Role::release, "let go and taken back: " + why, {Statement(alter + "NONE")}});
        again.parts.push_back(
            {Role::finish, "", {Statement(fmt::format("{}{}.{}", alter, qualified(on), quoted(on.part)))}});
        return add_parts(dependent, std::move(again));
    }
    if (dependent.kind == Kind::column && is_type(on.kind)) {
        if (!comes_again && !is_followed_by_another(dependent, on, to_)) {
            if (on.kind != Kind::collation && from_.find<Column>(dependent) != nullptr &&
                to_.find<Column>(dependent) != nullptr &&
                from_.find<Column>(dependent)->type == to_.find<Column>(dependent)->type)
                refuse(dependent, "it holds values of " + described(on) + ", whose name a table gets");
            return false;
        }
        const bool first = verdicts_.aside.insert(on).second;
        const Column* old = from_.find<Column>(dependent);
        const Column* now = to_.find<Column>(dependent);
        if (old->type != now->type && (old->type + "[]" == now->type || old->type == now->type + "[]"))
            refuse(dependent, "it becomes an array of its type, or the other way round, while " + why);
        if (!verdicts_.retyped.insert(dependent).second)
            return first;
        if (old->generated)
            return rebuild(dependent, why) || first;
        if (!follows_parent(dependent, context_)) {
            Alteration again;
            again.parts.push_back(retype(*old, *now, context_));
            again.parts.back().text = "the new " + described(on);
            add_parts(dependent, std::move(again));
        }
        return true;
    }
    if (const Column* column = from_.find<Column>(dependent);
        column != nullptr && !column->generated && on.kind != Kind::column) {
        if (comes_again || column->type == to_.find<Column>(dependent)->type) // it would lose its values
            refuse(dependent, "it holds values of " + described(on) + ", which would have to be made again");
        return false;
    }
    if (!comes_again && verdicts_.is(dependent, Verdict::alter) && !to_.depends(dependent, on) &&
        dependent.kind != Kind::constraint && !is_overloaded_anew(on))
        return false; // altered before the other one is dropped
    return rebuild(dependent, why);
}

bool Decision::spread_retyped(const Key& dependent, const Key& column) {
    const std::string why = described(column) + " gets another type";
    switch (dependent.kind) {
    case Kind::other:
        return false;
    case Kind::view:
    case Kind::materialized_view:
    case Kind::rule:
    case Kind::policy:
    case Kind::trigger:
    case Kind::function:
    case Kind::procedure:
    case Kind::aggregate:
        return rebuild(dependent, why);
    case Kind::column: {
        const Column* other = from_.find<Column>(dependent);
        return other != nullptr && other->generated && rebuild(dependent, why);
    }
    case Kind::default_value:
    case Kind::constraint: {
        const Constraint* constraint = from_.find<Constraint>(dependent);
        if (constraint != nullptr && constraint->type != Constraint::Type::foreign_key)
            return false; // ALTER TYPE brings it along
        const Column* old = from_.find<Column>(column);
        const Column* now = to_.find<Column>(column);
        const bool same =
            without_modifier(old->type) == without_modifier(now->type) && old->type != now->type;
        return !same && rebuild(dependent, why);
    }
    default:
        return false;
    }
}

} // namespace

Verdicts decide(const Context& context) {
    return Decision(context).run();
}

} // namespace dibs::schema
