#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schema/model/function.hpp"
#include "schema/model/table.hpp"
#include "schema/model/type.hpp"
#include "schema/model/view.hpp"

namespace dibs::schema {

struct Namespace {
    Key key;
    Attachments attached;
    bool untouched = false; ///< public, with the privileges that every new database has: no difference

    [[nodiscard]] bool operator==(const Namespace& other) const {
        return key == other.key && attached == other.attached;
    }
};

struct Extension {
    Key key;
    Attachments attached;
    std::string schema; ///< its objects are there
    std::string version;

    [[nodiscard]] bool operator==(const Extension&) const = default;
};

/// What a role's new objects get (ALTER DEFAULT PRIVILEGES), by schema, and the letter that pg_default_acl
/// has for their kind. Under the empty name what they get in every schema, in place of what PostgreSQL gives;
/// what they get in theirs comes to that.
using DefaultPrivileges = std::map<std::pair<std::string, char>, std::set<Grant>>;

/// What dibs knows of but neither makes, changes nor drops.
struct LeftAlone {
    Key key;                ///< Kind::other, named as pg_identify_object() does
    std::string definition; ///< of what can be told apart; empty otherwise

    [[nodiscard]] bool operator==(const LeftAlone&) const = default;
};

/// How values of one type become values of another (pg_cast).
struct Cast {
    std::string from; ///< format_type() without modifiers
    std::string to;
    bool assignment = false; ///< done without being asked for
    bool binary = false;     ///< the bytes stay as they are
};

/// One object stands on another: it can neither be made before it nor stay after it.
struct Dependency {
    Key dependent;
    Key on;

    [[nodiscard]] auto operator<=>(const Dependency&) const = default;
};

/// The schema of a database, as its catalog describes it: without extension members, temporary objects and
/// what a reader was told to leave out. Each list is sorted by key.
struct Model {
    std::vector<Namespace> schemas;
    std::vector<Extension> extensions;
    std::vector<Made> made; ///< collations, range types, statistics objects
    std::vector<Enumeration> enumerations;
    std::vector<Domain> domains;
    std::vector<DomainConstraint> domain_constraints;
    std::vector<Composite> composites;
    std::vector<Sequence> sequences;
    std::vector<Function> functions;
    std::vector<Table> tables;
    std::vector<Constraint> constraints;
    std::vector<Index> indexes;
    std::vector<View> views;
    std::vector<Scripted> rules;
    std::vector<Scripted> triggers;
    std::vector<Policy> policies;
    std::vector<LeftAlone> left_alone;
    DefaultPrivileges default_privileges; ///< of the role that is to make what is not there
    bool declared = false;                ///< by somebody who need not name privileges; see keep_undeclared()
    /// Those between objects that the lists above do not show: of expressions, bodies, types. What a part's
    /// table, a constraint's columns and a partition's whole are follows from the lists. In no order, and not
    /// each only once: Inventory sees to that.
    std::vector<Dependency> dependencies;
    std::vector<Cast> casts; ///< of this server
};

} // namespace dibs::schema
