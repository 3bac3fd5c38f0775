#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "schema/diff/compare.hpp"
#include "schema/diff/online.hpp"
#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

bool contains(const std::vector<Key>& all, const Key& key) {
    return std::find(all.begin(), all.end(), key) != all.end();
}

void compare_parents(const Table& from, const Table& to, Alteration& alteration) {
    if (from.parents == to.parents && from.bounds == to.bounds)
        return;
    const std::string alter = "ALTER TABLE " + qualified(to.key);
    if (from.is_partition())
        alteration.parts.push_back(
            {Role::release,
             fmt::format("no partition of {} {} any more", qualified(from.parents.front()), from.bounds),
             {Statement(detach_partition(from))}});
    else
        for (const Key& parent : from.parents)
            if (!contains(to.parents, parent) || to.is_partition())
                alteration.parts.push_back({Role::release,
                                            "does not inherit from " + qualified(parent) + " any more",
                                            {Statement(alter + " NO INHERIT " + qualified(parent))}});
    if (to.is_partition())
        alteration.parts.push_back(
            {Role::finish,
             fmt::format("partition of {} {}", qualified(to.parents.front()), to.bounds),
             {Statement(attach_partition(to))},
             {{Hazard::Type::long_lock, "every row is read to see whether it belongs there"}}});
    else
        for (const Key& parent : to.parents)
            if (!contains(from.parents, parent) || from.is_partition())
                alteration.parts.push_back({Role::finish,
                                            "inherits from " + qualified(parent),
                                            {Statement(alter + " INHERIT " + qualified(parent))}});
}

} // namespace

bool Context::follows(const Key& table) const {
    const Table* old_table = from.find<Table>(table);
    const Table* new_table = to.find<Table>(table);
    return old_table != nullptr && new_table != nullptr && old_table->parents == new_table->parents &&
           old_table->bounds == new_table->bounds;
}

std::vector<std::string> option_changes(const Options& from, const Options& to) {
    Options set;
    Options stay;
    std::vector<std::string> reset;
    for (const std::string& option : to)
        (std::find(from.begin(), from.end(), option) == from.end() ? set : stay).push_back(option);
    std::vector<std::string> order; // what SET leads to
    for (const std::string& option : from)
        if (std::find(stay.begin(), stay.end(), option) != stay.end())
            order.push_back(option);
    order.insert(order.end(), set.begin(), set.end());
    std::stable_partition(order.begin(), order.end(),
                          [](const std::string& option) { return !option.starts_with("toast."); });
    if (!set.empty() && order != to)
        set = to;
    for (const std::string& option : from) {
        const std::string name = option.substr(0, option.find('=') + 1);
        if (std::none_of(to.begin(), to.end(),
                         [&](const std::string& other) { return other.starts_with(name); })) {
            const std::size_t dot = name.find('.');
            const std::string bare = name.substr(0, name.size() - 1);
            reset.push_back(dot == std::string::npos
                                ? quoted(bare)
                                : quoted(bare.substr(0, dot)) + "." + quoted(bare.substr(dot + 1)));
        }
    }
    std::vector<std::string> changes;
    if (!set.empty())
        changes.push_back(fmt::format("SET ({})", option_list(set)));
    if (!reset.empty())
        changes.push_back(fmt::format("RESET ({})", fmt::join(reset, ", ")));
    return changes;
}

Alteration compare(const Table& from, const Table& to, const Context&) {
    if (from.partitioned_by != to.partitioned_by)
        return Alteration::again(to.partitioned_by.empty()     ? "it is not partitioned any more"
                                 : from.partitioned_by.empty() ? "it becomes partitioned"
                                                               : "what it is partitioned by changes");
    Alteration alteration;
    if (from.access_method != to.access_method)
        alteration.unsupported = "another access method";
    if (from.of_type != to.of_type)
        alteration.unsupported = "a table of a type";
    const std::string alter = "ALTER TABLE " + qualified(to.key);
    const auto part = [&](Role role, std::string text, std::string what) {
        alteration.parts.push_back({role, std::move(text), {Statement(alter + " " + std::move(what))}});
    };
    compare_parents(from, to, alteration);
    if (from.unlogged != to.unlogged) {
        part(Role::alter, to.unlogged ? "unlogged" : "logged", to.unlogged ? "SET UNLOGGED" : "SET LOGGED");
        alteration.parts.back().hazards.push_back(
            {Hazard::Type::rewrite, "every row is written anew while nobody else may read"});
    }
    for (const std::string& change : option_changes(from.options, to.options)) {
        // Those of a TOAST table are forgotten while there is none: it comes with a column that may need it.
        const bool toasted = change.find("toast.") != std::string::npos;
        part(toasted ? Role::finish : Role::alter, "options: " + change, change);
    }
    if (from.row_security != to.row_security)
        part(Role::alter, to.row_security ? "row security enabled" : "row security disabled",
             to.row_security ? "ENABLE ROW LEVEL SECURITY" : "DISABLE ROW LEVEL SECURITY");
    if (from.force_row_security != to.force_row_security)
        part(Role::alter, to.force_row_security ? "row security forced" : "row security not forced",
             to.force_row_security ? "FORCE ROW LEVEL SECURITY" : "NO FORCE ROW LEVEL SECURITY");
    if (from.replica_identity != to.replica_identity && to.replica_identity != 'i') {
        const std::string identity = to.replica_identity == 'f'   ? "FULL"
                                     : to.replica_identity == 'n' ? "NOTHING"
                                                                  : "DEFAULT";
        part(Role::finish, "replica identity " + identity, "REPLICA IDENTITY " + identity);
    }
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

/// What a table does with an index, or with that of a constraint.
template <class Used>
void compare_use(const Used& from, const Used& to, const std::string& alter, const std::string& name,
                 Alteration& alteration) {
    if (from.clustered != to.clustered)
        alteration.parts.push_back(
            {Role::alter,
             to.clustered ? "clustered by it" : "not clustered by it",
             {Statement(alter + (to.clustered ? " CLUSTER ON " + name : " SET WITHOUT CLUSTER"))}});
    if (!from.replica_identity && to.replica_identity)
        alteration.parts.push_back(
            {Role::alter, "replica identity", {Statement(alter + " REPLICA IDENTITY USING INDEX " + name)}});
}

Alteration compare(const Constraint& from, const Constraint& to, const Context& context) {
    if (from.type != to.type || from.definition != to.definition)
        return Alteration::again(
            fmt::format("{} -> {}", constraint_definition(from), constraint_definition(to)));
    if (from.whole != to.whole && from.whole &&
        context.follows({Kind::table, to.key.schema, to.key.name, ""}))
        return Alteration::again("another index of the partitioned table");
    if (from.inherited && !from.local && !to.inherited &&
        context.follows({Kind::table, to.key.schema, to.key.name, ""}))
        return Alteration::again("it goes with the parent's, and is the table's own now");
    const bool foreign = from.type == Constraint::Type::foreign_key;
    const bool when = from.deferrable != to.deferrable || from.deferred != to.deferred;
    if ((from.validated && !to.validated) || (when && !foreign))
        return Alteration::again(
            fmt::format("{} -> {}", constraint_definition(from), constraint_definition(to)));
    Alteration alteration;
    const std::string alter = "ALTER TABLE " + qualified(to.key);
    const std::string name = quoted(to.key.part);
    if (when)
        alteration.parts.push_back({Role::alter,
                                    to.deferred     ? "deferrable, initially deferred"
                                    : to.deferrable ? "deferrable"
                                                    : "not deferrable",
                                    {Statement(fmt::format("{} ALTER CONSTRAINT {} {}", alter, name,
                                                           to.deferred     ? "DEFERRABLE INITIALLY DEFERRED"
                                                           : to.deferrable ? "DEFERRABLE INITIALLY IMMEDIATE"
                                                                           : "NOT DEFERRABLE"))}});
    if (!from.validated && to.validated)
        alteration.parts.push_back({Role::alter,
                                    "validated",
                                    {Statement(fmt::format("{} VALIDATE CONSTRAINT {}", alter, name),
                                               std::vector{validate_online(to.key)})},
                                    {{Hazard::Type::may_fail, "rows that violate it are refused"}}});
    compare_use(from, to, alter, name, alteration);
    compare_attachments(from, to, alteration);
    return alteration;
}

void compare_attachments(const Constraint& from, const Constraint& to, Alteration& alteration) {
    compare_attachments(to.key, from.attached, to.attached, alteration);
    if (from.index_comment == to.index_comment)
        return;
    const std::string_view what = to.index_comment.empty()     ? "removed"
                                  : from.index_comment.empty() ? "added"
                                                               : "changed";
    alteration.parts.push_back(
        {Role::finish, fmt::format("comment on its index {}", what), {Statement(comment_on_index(to))}});
}

namespace {

/// "unique btree (a)"; with the table before it where that is another one.
std::string told(const Index& index, bool with_table) {
    const std::string table = qualified(index.table) + " USING ";
    const bool known = index.definition.starts_with(table);
    return fmt::format("{}{}", index.unique ? "unique " : "",
                       known && !with_table ? index.definition.substr(table.size()) : index.definition);
}

} // namespace

Alteration compare(const Index& from, const Index& to, const Context& context) {
    const bool moved = from.table != to.table;
    if (from.definition != to.definition || from.unique != to.unique || moved)
        return Alteration::again(fmt::format("{} -> {}", told(from, moved), told(to, moved)));
    if (!from.valid && to.valid)
        return Alteration::again("it is invalid");
    if (from.whole != to.whole && from.whole && context.follows(to.table))
        return Alteration::again("another index of the partitioned table");
    Alteration alteration;
    const std::string alter =
        (to.table.kind == Kind::table ? "ALTER TABLE " : "ALTER MATERIALIZED VIEW ") + qualified(to.table);
    const std::string name = quoted(to.key.name);
    compare_use(from, to, alter, name, alteration);
    if (from.statistics != to.statistics) {
        Part part{Role::alter, "statistics targets", {}};
        const auto set = [&](const std::string& column, const std::string& value) {
            part.statements.emplace_back(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}",
                                                     qualified(to.key), column, value));
        };
        for (const std::string& old : from.statistics)
            if (std::find(to.statistics.begin(), to.statistics.end(), old) == to.statistics.end())
                set(old.substr(0, old.find('=')), "-1");
        for (const std::string& target : to.statistics)
            if (std::find(from.statistics.begin(), from.statistics.end(), target) == from.statistics.end())
                set(target.substr(0, target.find('=')), target.substr(target.find('=') + 1));
        alteration.parts.push_back(std::move(part));
    }
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

Alteration compare(const Policy& from, const Policy& to, const Context&) {
    if (from.permissive != to.permissive || from.command != to.command ||
        (!from.using_expression.empty() && to.using_expression.empty()) ||
        (!from.check_expression.empty() && to.check_expression.empty()))
        return Alteration::again("what it is for changes");
    Alteration alteration;
    std::string sql = fmt::format("ALTER POLICY {} ON {}", quoted(to.key.part), qualified(to.key));
    const std::size_t bare = sql.size();
    if (from.roles != to.roles) {
        std::vector<std::string> roles;
        for (const std::string& role : to.roles)
            roles.push_back(quoted(role));
        sql += roles.empty() ? " TO PUBLIC" : fmt::format(" TO {}", fmt::join(roles, ", "));
    }
    if (from.using_expression != to.using_expression)
        sql += fmt::format("\n    USING ({})", to.using_expression);
    if (from.check_expression != to.check_expression)
        sql += fmt::format("\n    WITH CHECK ({})", to.check_expression);
    if (sql.size() != bare)
        alteration.parts.push_back({Role::alter, "changed", {Statement(std::move(sql))}});
    compare_attachments(to.key, from.attached, to.attached, alteration);
    return alteration;
}

} // namespace dibs::schema
