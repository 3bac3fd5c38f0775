#include "schema/sql/attachments.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "schema/sql/quote.hpp"

namespace dibs::schema {
namespace {

std::string word_in_sql(Kind kind) {
    switch (kind) {
    case Kind::schema:
        return "SCHEMA";
    case Kind::extension:
        return "EXTENSION";
    case Kind::collation:
        return "COLLATION";
    case Kind::enumeration:
    case Kind::composite:
    case Kind::range:
        return "TYPE";
    case Kind::domain:
        return "DOMAIN";
    case Kind::domain_constraint:
    case Kind::constraint:
        return "CONSTRAINT";
    case Kind::sequence:
        return "SEQUENCE";
    case Kind::function:
        return "FUNCTION";
    case Kind::procedure:
        return "PROCEDURE";
    case Kind::aggregate:
        return "ROUTINE"; // which needs no more than the types, whatever the aggregate's kind
    case Kind::table:
        return "TABLE";
    case Kind::column:
        return "COLUMN";
    case Kind::index:
        return "INDEX";
    case Kind::view:
        return "VIEW";
    case Kind::materialized_view:
        return "MATERIALIZED VIEW";
    case Kind::rule:
        return "RULE";
    case Kind::statistics:
        return "STATISTICS";
    case Kind::trigger:
        return "TRIGGER";
    case Kind::policy:
        return "POLICY";
    case Kind::default_value:
    case Kind::other:
        break;
    }
    return "";
}

std::string role(const std::string& name) {
    return name.empty() ? "PUBLIC" : quoted(name);
}

/// What GRANT and REVOKE name: views are tables to them.
std::string grant_target(const Key& key) {
    switch (key.kind) {
    case Kind::table:
    case Kind::view:
    case Kind::materialized_view:
    case Kind::column:
        return "TABLE " + qualified(key);
    default:
        return target(key);
    }
}

/// Privileges of one role as one list; for a column with its name: "SELECT (email)".
std::string listed(const Key& key, const std::vector<std::string>& privileges) {
    std::string text;
    for (const std::string& privilege : privileges) {
        text += (text.empty() ? "" : ", ") + privilege;
        if (key.kind == Kind::column)
            text += " (" + quoted(key.part) + ")";
    }
    return text;
}

/// By role and whether it may pass them on.
std::map<std::pair<std::string, bool>, std::vector<std::string>> by_role(const std::vector<Grant>& grants) {
    std::map<std::pair<std::string, bool>, std::vector<std::string>> all;
    for (const Grant& grant : grants)
        all[{grant.grantee, grant.grantable}].push_back(grant.privilege);
    return all;
}

struct GrantChanges {
    std::vector<Grant> revoked;
    std::vector<Grant> granted;
};

GrantChanges changes(const std::set<Grant>& from, const std::set<Grant>& to) {
    GrantChanges found;
    std::set_difference(from.begin(), from.end(), to.begin(), to.end(), std::back_inserter(found.revoked));
    std::set_difference(to.begin(), to.end(), from.begin(), from.end(), std::back_inserter(found.granted));
    return found;
}

/// In pg_default_acl; none where a kind has no default privileges.
char letter_of(Kind kind) {
    switch (kind) {
    case Kind::table:
    case Kind::view:
    case Kind::materialized_view:
        return 'r';
    case Kind::sequence:
        return 'S';
    case Kind::function:
    case Kind::procedure:
    case Kind::aggregate:
        return 'f';
    case Kind::enumeration:
    case Kind::domain:
    case Kind::composite:
    case Kind::range:
        return 'T';
    case Kind::schema:
        return 'n';
    default:
        return '\0';
    }
}

} // namespace

std::string target(const Key& key) {
    switch (key.kind) {
    case Kind::column:
        return fmt::format("COLUMN {}.{}", qualified(key), quoted(key.part));
    case Kind::function:
    case Kind::procedure:
    case Kind::aggregate:
        return fmt::format("{} {}({})", word_in_sql(key.kind), qualified(key), key.part);
    case Kind::domain_constraint:
        return fmt::format("CONSTRAINT {} ON DOMAIN {}", quoted(key.part), qualified(key));
    case Kind::constraint:
    case Kind::rule:
    case Kind::trigger:
    case Kind::policy:
        return fmt::format("{} {} ON {}", word_in_sql(key.kind), quoted(key.part), qualified(key));
    default:
        return word_in_sql(key.kind) + " " + qualified(key);
    }
}

Attachments fresh(const Key& key) {
    switch (key.kind) {
    case Kind::enumeration:
    case Kind::domain:
    case Kind::composite:
    case Kind::range:
        return {"", {{"", "USAGE", false}}};
    case Kind::function:
    case Kind::procedure:
    case Kind::aggregate:
        return {"", {{"", "EXECUTE", false}}};
    default:
        return {};
    }
}

std::set<Grant> given(const Key& key, const DefaultPrivileges& defaults) {
    std::set<Grant> grants = fresh(key).grants;
    const char letter = letter_of(key.kind);
    if (letter == '\0')
        return grants;
    if (const auto everywhere = defaults.find({"", letter}); everywhere != defaults.end())
        grants = everywhere->second;
    if (const auto here = defaults.find({key.schema, letter}); here != defaults.end() && !key.schema.empty())
        grants.insert(here->second.begin(), here->second.end());
    return grants;
}

std::vector<Statement> mend_privileges(const Key& key, const std::set<Grant>& given,
                                       const std::set<Grant>& wanted) {
    const GrantChanges done = changes(fresh(key).grants, wanted);
    std::map<std::pair<std::string, std::string>, bool> now; // whether it may be passed on
    for (const Grant& grant : given)
        now[{grant.grantee, grant.privilege}] |= grant.grantable;
    for (const Grant& grant : done.revoked)
        now.erase({grant.grantee, grant.privilege});
    for (const Grant& grant : done.granted)
        now[{grant.grantee, grant.privilege}] |= grant.grantable;
    Attachments made;
    for (const auto& [what, grantable] : now)
        made.grants.insert({what.first, what.second, grantable});
    return attach(key, made, {"", wanted});
}

std::vector<Statement> attach(const Key& key, const Attachments& from, const Attachments& to) {
    std::vector<Statement> statements;
    if (from.comment != to.comment)
        statements.emplace_back(fmt::format("COMMENT ON {} IS {}", target(key),
                                            to.comment.empty() ? "NULL" : literal(to.comment)));
    const GrantChanges found = changes(from.grants, to.grants);
    for (const auto& [who, privileges] : by_role(found.revoked))
        statements.emplace_back(fmt::format("REVOKE {} ON {} FROM {}", listed(key, privileges),
                                            grant_target(key), role(who.first)));
    for (const auto& [who, privileges] : by_role(found.granted))
        statements.emplace_back(fmt::format("GRANT {} ON {} TO {}{}", listed(key, privileges),
                                            grant_target(key), role(who.first),
                                            who.second ? " WITH GRANT OPTION" : ""));
    return statements;
}

std::vector<std::string> attachment_changes(const Attachments& from, const Attachments& to) {
    std::vector<std::string> lines;
    if (from.comment != to.comment)
        lines.push_back(to.comment.empty()     ? "comment removed"
                        : from.comment.empty() ? "comment added"
                                               : "comment changed");
    const GrantChanges found = changes(from.grants, to.grants);
    const Key no_column;
    for (const auto& [who, privileges] : by_role(found.revoked))
        lines.push_back(fmt::format("revoke {} from {}", listed(no_column, privileges), role(who.first)));
    for (const auto& [who, privileges] : by_role(found.granted))
        lines.push_back(fmt::format("grant {} to {}", listed(no_column, privileges), role(who.first)));
    return lines;
}

} // namespace dibs::schema
