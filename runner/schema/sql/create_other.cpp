#include <algorithm>

#include <fmt/format.h>

#include "schema/sql/attachments.hpp"
#include "schema/sql/create.hpp"
#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

std::vector<Statement> with_attachments(std::string sql, const Key& key, const Attachments& attached,
                                        std::vector<Statement> between = {}) {
    std::vector<Statement> statements{Statement(std::move(sql))};
    for (std::vector<Statement>* more : {&between})
        statements.insert(statements.end(), more->begin(), more->end());
    for (Statement& statement : attach(key, fresh(key), attached))
        statements.push_back(std::move(statement));
    return statements;
}

std::string without_trailing_blanks(std::string text) {
    text.erase(text.find_last_not_of(" \n;") + 1);
    return text;
}

} // namespace

std::vector<Statement> create(const Namespace& schema) {
    return with_attachments("CREATE SCHEMA " + quoted(schema.key.name), schema.key, schema.attached);
}

std::vector<Statement> create(const Extension& extension) {
    // Its comment comes with it.
    return {Statement(fmt::format("CREATE EXTENSION {} WITH SCHEMA {}", quoted(extension.key.name),
                                  quoted(extension.schema)))};
}

std::vector<Statement> create(const Made& made) {
    std::vector<Statement> statements = with_attachments(made.definition, made.key, made.attached);
    if (made.target >= 0)
        statements.emplace_back(set_target(made));
    return statements;
}

std::string set_target(const Made& statistics) {
    return fmt::format("ALTER STATISTICS {} SET STATISTICS {}", qualified(statistics.key), statistics.target);
}

std::vector<Statement> create(const Enumeration& enumeration) {
    std::vector<std::string> labels;
    for (const std::string& label : enumeration.labels)
        labels.push_back("\n    " + literal(label));
    return with_attachments(fmt::format("CREATE TYPE {} AS ENUM ({}{})", qualified(enumeration.key),
                                        fmt::join(labels, ","), labels.empty() ? "" : "\n"),
                            enumeration.key, enumeration.attached);
}

std::vector<Statement> create(const Domain& domain, const std::vector<const DomainConstraint*>& constraints) {
    std::string sql = fmt::format("CREATE DOMAIN {} AS {}", qualified(domain.key), domain.type);
    if (!domain.collation.empty())
        sql += " COLLATE " + domain.collation;
    if (domain.default_value)
        sql += " DEFAULT " + *domain.default_value;
    if (domain.not_null)
        sql += " NOT NULL";
    std::vector<Statement> comments;
    for (const DomainConstraint* constraint : constraints) {
        sql += fmt::format("\n    CONSTRAINT {} {}", quoted(constraint->key.part), constraint->definition);
        for (Statement& statement : attach(constraint->key, {}, constraint->attached))
            comments.push_back(std::move(statement));
    }
    return with_attachments(std::move(sql), domain.key, domain.attached, std::move(comments));
}

std::vector<Statement> create(const DomainConstraint& constraint) {
    return with_attachments(fmt::format("ALTER DOMAIN {} ADD CONSTRAINT {} {}{}", qualified(constraint.key),
                                        quoted(constraint.key.part), constraint.definition,
                                        constraint.validated ? "" : " NOT VALID"),
                            constraint.key, constraint.attached);
}

std::vector<Statement> create(const Composite& composite) {
    std::vector<std::string> attributes;
    std::vector<Statement> comments;
    for (const Composite::Attribute& attribute : composite.attributes) {
        attributes.push_back(
            fmt::format("\n    {} {}{}", quoted(attribute.name), attribute.type,
                        attribute.collation.empty() ? "" : " COLLATE " + attribute.collation));
        if (!attribute.comment.empty())
            comments.emplace_back(fmt::format("COMMENT ON COLUMN {}.{} IS {}", qualified(composite.key),
                                              quoted(attribute.name), literal(attribute.comment)));
    }
    return with_attachments(fmt::format("CREATE TYPE {} AS ({}{})", qualified(composite.key),
                                        fmt::join(attributes, ","), attributes.empty() ? "" : "\n"),
                            composite.key, composite.attached, std::move(comments));
}

std::vector<Statement> create(const Sequence& sequence) {
    std::string sql =
        fmt::format("CREATE {}SEQUENCE {}", sequence.unlogged ? "UNLOGGED " : "", qualified(sequence.key));
    if (sequence.counting.type != "bigint")
        sql += " AS " + sequence.counting.type;
    const std::string options = counting_options(sequence.counting, "");
    if (!options.empty())
        sql += " " + options;
    return with_attachments(std::move(sql), sequence.key, sequence.attached);
}

std::vector<Statement> create(const Function& function) {
    return with_attachments(without_trailing_blanks(function.definition), function.key, function.attached);
}

std::string view_statement(const View& view, bool replace) {
    const bool materialized = view.key.kind == Kind::materialized_view;
    std::string sql = fmt::format("CREATE {}{}VIEW {}", replace ? "OR REPLACE " : "",
                                  materialized ? "MATERIALIZED " : "", qualified(view.key));
    if (!view.access_method.empty())
        sql += " USING " + quoted(view.access_method);
    if (!view.options.empty())
        sql += fmt::format(" WITH ({})", option_list(view.options));
    sql += " AS\n" + without_trailing_blanks(view.definition);
    if (materialized && !view.populated)
        sql += "\nWITH NO DATA";
    return sql;
}

std::vector<Statement> create(const View& view) {
    std::vector<Statement> columns;
    for (const Column& column : view.columns) {
        if (column.has_default())
            columns.emplace_back(fmt::format("ALTER VIEW {} ALTER COLUMN {} SET DEFAULT {}",
                                             qualified(view.key), quoted(column.key.part),
                                             *column.expression));
        for (Statement& statement : attach(column.key, {}, column.attached))
            columns.push_back(std::move(statement));
    }
    return with_attachments(view_statement(view, false), view.key, view.attached, std::move(columns));
}

std::vector<Statement> create_rule(const Scripted& rule) {
    std::vector<Statement> state;
    if (rule.enabled != 'O')
        state.emplace_back(fire(rule));
    return with_attachments(without_trailing_blanks(rule.definition), rule.key, rule.attached,
                            std::move(state));
}

std::vector<Statement> create_trigger(const Scripted& trigger) {
    if (trigger.whole)
        return {Statement(fire(trigger))};
    std::vector<Statement> state;
    if (trigger.enabled != 'O')
        state.emplace_back(fire(trigger));
    return with_attachments(trigger.definition, trigger.key, trigger.attached, std::move(state));
}

std::vector<Statement> create(const Policy& policy) {
    std::string sql = fmt::format("CREATE POLICY {} ON {}", quoted(policy.key.part), qualified(policy.key));
    if (!policy.permissive)
        sql += " AS RESTRICTIVE";
    if (policy.command != "ALL")
        sql += " FOR " + policy.command;
    if (!policy.roles.empty()) {
        std::vector<std::string> roles;
        for (const std::string& role : policy.roles)
            roles.push_back(quoted(role));
        sql += fmt::format(" TO {}", fmt::join(roles, ", "));
    }
    if (!policy.using_expression.empty())
        sql += fmt::format("\n    USING ({})", policy.using_expression);
    if (!policy.check_expression.empty())
        sql += fmt::format("\n    WITH CHECK ({})", policy.check_expression);
    return with_attachments(std::move(sql), policy.key, policy.attached);
}

std::string fire(const Scripted& scripted) {
    const std::string_view how = scripted.enabled == 'D'   ? "DISABLE"
                                 : scripted.enabled == 'R' ? "ENABLE REPLICA"
                                 : scripted.enabled == 'A' ? "ENABLE ALWAYS"
                                                           : "ENABLE";
    return fmt::format("ALTER TABLE {}{} {} {} {}", scripted.whole ? "ONLY " : "", qualified(scripted.key),
                       how, scripted.key.kind == Kind::rule ? "RULE" : "TRIGGER", quoted(scripted.key.part));
}

std::string index_name(const Key& key) {
    return qualified({Kind::index, key.schema, key.kind == Kind::constraint ? key.part : key.name, ""});
}

std::string comment_on_index(const Constraint& constraint) {
    return fmt::format("COMMENT ON INDEX {} IS {}", index_name(constraint.key),
                       constraint.index_comment.empty() ? "NULL" : literal(constraint.index_comment));
}

std::string drop(const Key& key) {
    switch (key.kind) {
    case Kind::column:
        return fmt::format("ALTER TABLE {} DROP COLUMN {}", qualified(key), quoted(key.part));
    case Kind::default_value:
        return fmt::format("ALTER TABLE ONLY {} ALTER COLUMN {} DROP DEFAULT", qualified(key),
                           quoted(key.part));
    case Kind::constraint:
        return fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", qualified(key), quoted(key.part));
    case Kind::domain_constraint:
        return fmt::format("ALTER DOMAIN {} DROP CONSTRAINT {}", qualified(key), quoted(key.part));
    default:
        return "DROP " + target(key);
    }
}

} // namespace dibs::schema
