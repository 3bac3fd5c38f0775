#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "schema/diff/compare.hpp"
#include "schema/sql/attachments.hpp"
#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

/// ADD VALUE for each label that is new; nothing when a label is gone or the order is another.
std::optional<std::vector<Statement>> added_labels(const Enumeration& from, const Enumeration& to) {
    std::vector<Statement> statements;
    std::size_t known = 0;
    for (std::size_t i = 0; i < to.labels.size(); ++i) {
        if (known < from.labels.size() && from.labels[known] == to.labels[i]) {
            ++known;
            continue;
        }
        if (std::find(from.labels.begin(), from.labels.end(), to.labels[i]) != from.labels.end())
            return std::nullopt;
        std::string where;
        if (known < from.labels.size())
            where = " BEFORE " + literal(from.labels[known]);
        Statement statement(
            fmt::format("ALTER TYPE {} ADD VALUE {}{}", qualified(to.key), literal(to.labels[i]), where));
        statement.alone = true;
        statements.push_back(std::move(statement));
    }
    if (known < from.labels.size())
        return std::nullopt;
    return statements;
}

std::pair<std::int64_t, std::int64_t> bounds(const Counting& counting) {
    const auto of_type = []<class T>(T) {
        return std::pair<std::int64_t, std::int64_t>{std::numeric_limits<T>::min(),
                                                     std::numeric_limits<T>::max()};
    };
    const auto [lowest, highest] = counting.type == "smallint"  ? of_type(std::int16_t())
                                   : counting.type == "integer" ? of_type(std::int32_t())
                                                                : of_type(std::int64_t());
    return {counting.minimum.value_or(counting.increment > 0 ? 1 : lowest),
            counting.maximum.value_or(counting.increment > 0 ? highest : -1)};
}

/// Whether no number that the sequence can be at is within the new bounds.
bool disjoint(const Counting& from, const Counting& to) {
    const auto [low, high] = bounds(to);
    const auto [old_low, old_high] = bounds(from);
    return old_high < low || old_low > high;
}

bool same_columns_first(const View& from, const View& to) {
    return from.columns.size() <= to.columns.size() &&
           std::equal(from.columns.begin(), from.columns.end(), to.columns.begin(),
                      [](const Column& a, const Column& b) {
                          return a.key.part == b.key.part && a.type == b.type && a.collation == b.collation;
                      });
}

} // namespace

void compare_attachments(const Key& key, const Attachments& from, const Attachments& to,
                         Alteration& alteration) {
    if (from == to)
        return;
    alteration.parts.push_back({Role::finish,
                                fmt::format("{}", fmt::join(attachment_changes(from, to), ", ")),
                                attach(key, from, to)});
}

std::vector<Statement> brought_within(const Key& sequence, const Counting& from, const Counting& to) {
    const auto [low, high] = bounds(to);
    const auto [old_low, old_high] = bounds(from);
    const bool down = to.increment < 0;
    if ((from.increment < 0) != down || (from.start >= low && from.start <= high) || disjoint(from, to))
        return {};
    return {Statement(fmt::format(
        "SELECT pg_catalog.setval({}, {}, false)\n    FROM {}\n    WHERE {}last_value < {} OR {}last_value > "
        "{}",
        literal(qualified(sequence)), std::clamp(to.start, std::max(low, old_low), std::min(high, old_high)),
        qualified(sequence), down ? "NOT is_called AND " : "", low, down ? "" : "NOT is_called AND ", high))};
}

std::vector<std::string> counting_changes(const Counting& from, const Counting& to) {
    std::vector<std::string> changes;
    if (from.increment != to.increment)
        changes.push_back(fmt::format("INCREMENT BY {}", to.increment));
    const bool turned = (from.increment > 0) != (to.increment > 0); // then a type's own bounds are others
    if (turned || from.minimum != to.minimum)
        changes.push_back(to.minimum ? fmt::format("MINVALUE {}", *to.minimum) : "NO MINVALUE");
    if (turned || from.maximum != to.maximum)
        changes.push_back(to.maximum ? fmt::format("MAXVALUE {}", *to.maximum) : "NO MAXVALUE");
    if (from.start != to.start)
        changes.push_back(fmt::format("START WITH {}", to.start));
    if (turned || disjoint(from, to))
        changes.push_back("RESTART");
    if (from.cache != to.cache)
        changes.push_back(fmt::format("CACHE {}", to.cache));
    if (from.cycle != to.cycle)
        changes.push_back(to.cycle ? "CYCLE" : "NO CYCLE");
    return changes;
}

Alteration compare(const Namespace& from, const Namespace& to, const Context&) {
    Alteration alteration;
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(const Extension& from, const Extension& to, const Context&) {
    Alteration alteration;
    const std::string alter = "ALTER EXTENSION " + quoted(to.key.name);
    if (from.schema != to.schema)
        alteration.parts.push_back({Role::alter,
                                    fmt::format("schema {} -> {}", from.schema, to.schema),
                                    {Statement(alter + " SET SCHEMA " + quoted(to.schema))}});
    if (from.version != to.version)
        alteration.parts.push_back({Role::alter,
                                    fmt::format("version {} -> {}", from.version, to.version),
                                    {Statement(alter + " UPDATE TO " + literal(to.version))}});
    return alteration;
}

Alteration compare(const Made& from, const Made& to, const Context&) {
    if (from.definition != to.definition)
        return Alteration::again("its definition changes");
    Alteration alteration;
    if (from.target != to.target)
        alteration.parts.push_back(
            {Role::alter, fmt::format("statistics target {}", to.target), {Statement(set_target(to))}});
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(const Enumeration& from, const Enumeration& to, const Context&) {
    Alteration alteration;
    if (from.labels != to.labels) {
        std::optional<std::vector<Statement>> added = added_labels(from, to);
        if (!added)
            return Alteration::again("values are removed or in another order");
        std::vector<std::string> labels;
        for (const std::string& label : to.labels)
            if (std::find(from.labels.begin(), from.labels.end(), label) == from.labels.end())
                labels.push_back(literal(label));
        alteration.parts.push_back(
            {Role::alter,
             fmt::format("{} {} added", labels.size() == 1 ? "value" : "values", fmt::join(labels, ", ")),
             *std::move(added)});
    }
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(const Domain& from, const Domain& to, const Context&) {
    if (from.type != to.type || from.collation != to.collation)
        return Alteration::again(fmt::format("type {} -> {}", from.type, to.type));
    Alteration alteration;
    const std::string alter = "ALTER DOMAIN " + qualified(to.key);
    if (from.default_value != to.default_value)
        alteration.parts.push_back({Role::alter,
                                    to.default_value ? "default " + *to.default_value : "no default any more",
                                    {Statement(alter + (to.default_value ? " SET DEFAULT " + *to.default_value
                                                                         : " DROP DEFAULT"))}});
    if (from.not_null != to.not_null)
        alteration.parts.push_back({Role::alter,
                                    to.not_null ? "not null" : "nullable",
                                    {Statement(alter + (to.not_null ? " SET NOT NULL" : " DROP NOT NULL"))}});
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(const DomainConstraint& from, const DomainConstraint& to, const Context&) {
    if (from.definition != to.definition || (from.validated && !to.validated))
        return Alteration::again(fmt::format("{} -> {}", from.definition, to.definition));
    Alteration alteration;
    if (from.validated != to.validated)
        alteration.parts.push_back({Role::alter,
                                    "validated",
                                    {Statement(fmt::format("ALTER DOMAIN {} VALIDATE CONSTRAINT {}",
                                                           qualified(to.key), quoted(to.key.part)))}});
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(const Composite& from, const Composite& to, const Context& context) {
    const auto find = [](const Composite& in, const std::string& name) {
        return std::find_if(in.attributes.begin(), in.attributes.end(),
                            [&](const Composite::Attribute& each) { return each.name == name; });
    };
    Alteration alteration;
    std::vector<std::string> order; // what ALTER TYPE leads to: what stays, then what is new
    std::vector<std::string> actions;
    bool retyped = false;
    for (const Composite::Attribute& old : from.attributes) {
        const auto now = find(to, old.name);
        if (now == to.attributes.end()) {
            actions.push_back("DROP ATTRIBUTE " + quoted(old.name));
            continue;
        }
        order.push_back(old.name);
        if (now->type != old.type || now->collation != old.collation) {
            retyped = true;
            actions.push_back(fmt::format("ALTER ATTRIBUTE {} TYPE {}{}", quoted(old.name), now->type,
                                          now->collation.empty() ? "" : " COLLATE " + now->collation));
        }
    }
    for (const Composite::Attribute& now : to.attributes)
        if (find(from, now.name) == from.attributes.end()) {
            order.push_back(now.name);
            actions.push_back(fmt::format("ADD ATTRIBUTE {} {}{}", quoted(now.name), now.type,
                                          now.collation.empty() ? "" : " COLLATE " + now.collation));
        }
    const bool in_order =
        std::equal(order.begin(), order.end(), to.attributes.begin(), to.attributes.end(),
                   [](const std::string& name, const auto& each) { return name == each.name; });
    bool stored = false;
    for (const Link& dependency : context.from.dependencies())
        stored = stored || (dependency.on == to.key && dependency.dependent.kind == Kind::column);
    if (!in_order || (retyped && stored)) {
        if (stored) {
            alteration.unsupported = "its attributes change their order or type while a column has this type";
            return alteration;
        }
        return Alteration::again("its attributes change");
    }
    if (!actions.empty()) {
        Part part{Role::alter, "attributes changed", {}};
        for (const std::string& action : actions)
            part.statements.emplace_back(fmt::format("ALTER TYPE {} {}", qualified(to.key), action),
                                         action.starts_with("DROP") && stored ? "the attribute's values"
                                                                              : "");
        alteration.parts.push_back(std::move(part));
    }
    for (const Composite::Attribute& now : to.attributes) {
        const auto old = find(from, now.name);
        if ((old == from.attributes.end() ? "" : old->comment) != now.comment)
            alteration.parts.push_back(
                {Role::finish,
                 "comment changed",
                 {Statement(fmt::format("COMMENT ON COLUMN {}.{} IS {}", qualified(to.key), quoted(now.name),
                                        now.comment.empty() ? "NULL" : literal(now.comment)))}});
    }
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(const Sequence& from, const Sequence& to, const Context&) {
    Alteration alteration;
    const std::string alter = "ALTER SEQUENCE " + qualified(to.key);
    std::vector<std::string> changes = counting_changes(from.counting, to.counting);
    if (from.counting.type != to.counting.type)
        changes.insert(changes.begin(), "AS " + to.counting.type);
    if (!changes.empty()) {
        Part part{Role::alter, fmt::format("{}", fmt::join(changes, ", ")),
                  brought_within(to.key, from.counting, to.counting)};
        part.statements.emplace_back(fmt::format("{} {}", alter, fmt::join(changes, " ")));
        alteration.parts.push_back(std::move(part));
    }
    if (from.unlogged != to.unlogged)
        alteration.parts.push_back({Role::alter,
                                    to.unlogged ? "unlogged" : "logged",
                                    {Statement(alter + (to.unlogged ? " SET UNLOGGED" : " SET LOGGED"))}});
    if (from.owner != to.owner) {
        if (from.owner)
            alteration.parts.push_back({Role::release,
                                        "not owned by " + described(*from.owner) + " any more",
                                        {Statement(alter + " OWNED BY NONE")}});
        if (to.owner)
            alteration.parts.push_back(
                {Role::finish,
                 "owned by " + described(*to.owner),
                 {Statement(fmt::format("{} OWNED BY {}.{}", alter, qualified(*to.owner),
                                        quoted(to.owner->part)))}});
    }
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(const Function& from, const Function& to, const Context&) {
    // What CREATE OR REPLACE refuses to change.
    if (from.arguments != to.arguments || from.result != to.result || from.window != to.window ||
        from.defaults > to.defaults)
        return Alteration::again("its arguments or its result change");
    if (to.key.kind == Kind::aggregate && from.definition != to.definition)
        return Alteration::again("its definition changes");
    Alteration alteration;
    if (from.definition != to.definition)
        alteration.parts.push_back({Role::alter, "changed", {create(to).front()}});
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(const View& from, const View& to, const Context&) {
    const bool materialized = to.key.kind == Kind::materialized_view;
    Alteration alteration;
    if (from.access_method != to.access_method)
        return Alteration::again("another access method");
    if (from.definition != to.definition) {
        if (materialized || !same_columns_first(from, to))
            return Alteration::again("its definition changes");
        alteration.parts.push_back(
            {Role::alter, "definition changed", {Statement(view_statement(to, true))}});
    } else {
        for (const std::string& change : option_changes(from.options, to.options))
            alteration.parts.push_back(
                {Role::alter,
                 "options: " + change,
                 {Statement(fmt::format("ALTER {}VIEW {} {}", materialized ? "MATERIALIZED " : "",
                                        qualified(to.key), change))}});
    }
    for (const Column& now : to.columns) {
        const Column* old = from.column(now.key.part);
        compare_attachments(now.key, old == nullptr ? Attachments{} : old->attached, now.attached,
                            alteration);
        const std::optional<std::string> old_default = old == nullptr ? std::nullopt : old->expression;
        if (old_default != now.expression)
            alteration.parts.push_back(
                {Role::finish,
                 "default of " + now.key.part + " changed",
                 {Statement(
                     fmt::format("ALTER VIEW {} ALTER COLUMN {} {}", qualified(to.key), quoted(now.key.part),
                                 now.expression ? "SET DEFAULT " + *now.expression : "DROP DEFAULT"))}});
    }
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

namespace {

Part firing(const Scripted& scripted, Role role) {
    return {role,
            scripted.enabled == 'D'   ? "disabled"
            : scripted.enabled == 'O' ? "enabled"
                                      : "enabled for replication",
            {Statement(fire(scripted))}};
}

} // namespace

Alteration fires_apart(const Scripted& trigger, const Context& context) {
    Alteration alteration;
    if (context.to.has(*trigger.whole))
        alteration.parts.push_back(firing(trigger, Role::alter));
    return alteration;
}

Alteration fires_with_its_whole(Scripted trigger, const Context& context) {
    Alteration alteration;
    const Scripted* whole = context.to.find<Scripted>(*trigger.whole);
    if (whole != nullptr && context.follows(table_of(trigger.key))) {
        trigger.enabled = whole->enabled;
        alteration.parts.push_back(firing(trigger, Role::drop));
    }
    return alteration;
}

Alteration compare(const Scripted& from, const Scripted& to, const Context& context) {
    if (from.definition != to.definition)
        return Alteration::again("its definition changes");
    Alteration alteration;
    bool again = from.enabled != to.enabled;
    if (to.whole) { // what is done to that, or on attaching its table, is done to this one as well
        const Scripted* old = context.from.find<Scripted>(*to.whole);
        const Scripted* now = context.to.find<Scripted>(*to.whole);
        if (now == nullptr) // the configured patterns keep this one alone, which goes with that
            return alteration;
        again = again || from.whole != to.whole || !context.follows(table_of(to.key)) || old == nullptr ||
                old->enabled != now->enabled || old->definition != now->definition;
    }
    if (again)
        alteration.parts.push_back(firing(to, Role::alter));
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

} // namespace dibs::schema
