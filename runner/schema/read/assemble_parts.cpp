#include "schema/read/assembly.hpp"

#include <map>

namespace dibs::schema {
namespace {

std::string command_word(char letter) {
    switch (letter) {
    case 'r':
        return "SELECT";
    case 'a':
        return "INSERT";
    case 'w':
        return "UPDATE";
    case 'd':
        return "DELETE";
    default:
        return "ALL";
    }
}

/// Cuts the suffix off, if it is there.
bool take_suffix(std::string& text, std::string_view suffix) {
    if (!text.ends_with(suffix))
        return false;
    text.resize(text.size() - suffix.size());
    return true;
}

} // namespace

void Assembly::read_indexes_and_constraints() {
    std::unordered_map<Oid, Oid> tables;             // of foreign keys
    each(Catalog::constraints, [&](const Row& row) { // first: a part names its whole by number
        const char type = row.letter(4);
        if (type == 'f')
            tables.emplace(row.oid(0), row.oid(2));
        if (const Relation* of = relation(row.oid(2))) {
            const Key key{Kind::constraint, of->key.schema, of->key.name, row.text(1)};
            if (type != 'f')
                know(catalog::constraint, row.oid(0), key);
            if (type == 'p' || type == 'u' || type == 'x')
                know(catalog::relation, row.oid(12), key);
        }
    });
    each(Catalog::constraints, [&](const Row& row) {
        std::string definition(row.null(5) ? definitions_.of_constraint(row.place()) : row.view(5));
        const bool validated = !take_suffix(definition, " NOT VALID");
        if (row.oid(3) != 0) {
            const auto domain = keys_.find({catalog::type, row.oid(3)});
            if (domain == keys_.end() || domain->second.kind != Kind::domain)
                return;
            const Key key{Kind::domain_constraint, domain->second.schema, domain->second.name, row.text(1)};
            know(catalog::constraint, row.oid(0), key);
            model_.domain_constraints.push_back({key, {}, std::move(definition), validated});
            return;
        }
        const Relation* of = relation(row.oid(2));
        if (of == nullptr)
            return;
        Constraint constraint;
        const char type = row.letter(4);
        constraint.local = row.flag(9);
        constraint.inherited = type == 'c' && row.flag(10);
        if (type == 'f' && row.oid(11) != 0) {
            // One that refers to a partitioned table has a like for each partition there, which is nobody's
            // concern; one of a partitioned table has one in each partition.
            const auto of_whole = tables.find(row.oid(11));
            if (of_whole == tables.end() || of_whole->second == row.oid(2))
                return;
            constraint.inherited = true;
        }
        if (type == 'f')
            know(catalog::constraint, row.oid(0),
                 {Kind::constraint, of->key.schema, of->key.name, row.text(1)});
        constraint.key = {Kind::constraint, of->key.schema, of->key.name, row.text(1)};
        constraint.type = type == 'p'   ? Constraint::Type::primary_key
                          : type == 'u' ? Constraint::Type::unique
                          : type == 'f' ? Constraint::Type::foreign_key
                          : type == 'x' ? Constraint::Type::exclusion
                                        : Constraint::Type::check;
        constraint.validated = validated;
        constraint.deferred = row.flag(7);
        constraint.deferrable = row.flag(6);
        take_suffix(definition, " INITIALLY DEFERRED");
        take_suffix(definition, " DEFERRABLE");
        constraint.definition = std::move(definition);
        constraint.columns = names(*of, row.numbers(13));
        if (const Relation* other = relation(row.oid(14))) {
            constraint.references = other->key;
            constraint.referenced_columns = names(*other, row.numbers(15));
        }
        if (row.oid(11) != 0 && type != 'f') {
            const auto whole = keys_.find({catalog::constraint, row.oid(11)});
            if (whole != keys_.end())
                constraint.whole = whole->second;
        }
        constraint.clustered = row.flag(16);
        constraint.replica_identity = row.flag(17);
        model_.constraints.push_back(std::move(constraint));
    });
    each(Catalog::indexes, [&](const Row& row) { // again: parts come before or after their whole
        const std::string* in = schema(row.oid(3));
        if (!row.flag(12) && in != nullptr && relation(row.oid(1)) != nullptr)
            know(catalog::relation, row.oid(0), {Kind::index, *in, row.text(2), ""});
    });
    std::map<Key, Key>
        whole_of_constraints; // an index's constraint may stand in a whole that is a mere index
    each(Catalog::indexes, [&](const Row& row) {
        const Relation* of = relation(row.oid(1));
        const std::string* in = schema(row.oid(3));
        if (of == nullptr || in == nullptr)
            return;
        std::optional<Key> whole;
        if (!row.null(8)) {
            const auto found = keys_.find({catalog::relation, row.oid(8)});
            if (found != keys_.end())
                whole = found->second;
        }
        if (row.flag(12)) {
            const auto constraint = keys_.find({catalog::relation, row.oid(0)});
            if (whole && constraint != keys_.end())
                whole_of_constraints.emplace(constraint->second, *whole);
            return;
        }
        Index index;
        index.key = {Kind::index, *in, row.text(2), ""};
        index.table = of->key;
        index.unique = row.flag(10);
        if (row.null(7))
            index.definition.append(qualified(of->key))
                .append(" USING ")
                .append(definitions_.of_index(row.place()));
        else
            index.definition = after_name(row.view(7));
        index.valid = row.flag(4);
        index.columns = names(*of, row.numbers(9));
        index.whole = whole;
        index.clustered = row.flag(6);
        index.replica_identity = row.flag(5);
        index.statistics = row.list(11);
        model_.indexes.push_back(std::move(index));
    });
    for (Constraint& constraint : model_.constraints) {
        const auto whole = whole_of_constraints.find(constraint.key);
        if (whole != whole_of_constraints.end())
            constraint.whole = whole->second;
    }
}

void Assembly::read_functions() {
    each(Catalog::functions, [&](const Row& row) {
        const std::string* in = schema(row.oid(1));
        if (in == nullptr)
            return;
        const char kind = row.letter(4);
        Function function;
        function.key = {kind == 'p'   ? Kind::procedure
                        : kind == 'a' ? Kind::aggregate
                                      : Kind::function,
                        *in, row.text(2), row.text(3)};
        function.definition = row.text(5);
        function.arguments = row.text(6);
        function.result = row.text(7);
        function.defaults = static_cast<int>(row.number(8));
        function.window = kind == 'w';
        know(catalog::procedure, row.oid(0), function.key);
        model_.functions.push_back(std::move(function));
    });
}

void Assembly::read_rules_triggers_policies() {
    each(Catalog::rules, [&](const Row& row) {
        const Relation* of = relation(row.oid(1));
        if (of == nullptr)
            return;
        if (row.null(4)) {
            know(catalog::rewrite, row.oid(0), of->key);
            return;
        }
        const Key key{Kind::rule, of->key.schema, of->key.name, row.text(2)};
        know(catalog::rewrite, row.oid(0), key);
        model_.rules.push_back({key, {}, row.text(4), row.letter(3), {}});
    });
    each(Catalog::triggers, [&](const Row& row) {
        const Relation* of = relation(row.oid(1));
        if (of == nullptr)
            return;
        const Key key{Kind::trigger, of->key.schema, of->key.name, row.text(2)};
        if (!row.null(4)) {
            know(catalog::trigger, row.oid(0), key);
            model_.triggers.push_back({key, {}, row.text(4), row.letter(3), {}});
        } else if (const Relation* whole = relation(row.oid(5))) {
            model_.triggers.push_back({key,
                                       {},
                                       "",
                                       row.letter(3),
                                       Key{Kind::trigger, whole->key.schema, whole->key.name, row.text(6)}});
        }
    });
    each(Catalog::policies, [&](const Row& row) {
        const Relation* of = relation(row.oid(1));
        if (of == nullptr)
            return;
        Policy policy;
        policy.key = {Kind::policy, of->key.schema, of->key.name, row.text(2)};
        policy.permissive = row.flag(3);
        policy.command = command_word(row.letter(4));
        policy.roles = row.list(5);
        policy.using_expression = row.text(6);
        policy.check_expression = row.text(7);
        know(catalog::policy, row.oid(0), policy.key);
        model_.policies.push_back(std::move(policy));
    });
}

void Assembly::read_left_alone() {
    each(Catalog::left_alone, [&](const Row& row) {
        const Oid class_id = row.oid(0);
        if (member(class_id, row.oid(1)) || row.null(2) ||
            row.view(2).find(" pg_toast") != std::string::npos ||
            row.view(2).find(" pg_temp") != std::string::npos)
            return;
        const Key key{Kind::other, "", row.text(2), ""};
        know(class_id, row.oid(1), key);
        model_.left_alone.push_back({key, {}});
    });
    each(Catalog::casts, [&](const Row& row) {
        model_.casts.push_back({row.text(0), row.text(1), row.flag(2), row.flag(3)});
    });
}

void Assembly::read_default_privileges() {
    each(Catalog::default_privileges, [&](const Row& row) {
        std::set<Grant>& grants = model_.default_privileges[{row.text(0), row.text(1).front()}];
        if (!row.null(3)) // all that others got may have been taken away
            grants.insert({row.text(2), row.text(3), row.flag(4)});
    });
}

} // namespace dibs::schema
