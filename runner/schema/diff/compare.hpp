#pragma once

#include <string>
#include <vector>

#include "schema/diff/inventory.hpp"
#include "schema/diff/plan.hpp"
#include "schema/sql/statement.hpp"

namespace dibs::schema {

/// When in an object's way something is done to it.
enum class Role {
    release, ///< what it lets go of before others change: a partition's whole, its owner
    drop,
    create,
    alter,
    finish, ///< what needs others to be there: its whole, its owner
};

/// One thing that differs.
struct Part {
    Role role = Role::alter;
    std::string text; ///< for the report
    std::vector<Statement> statements;
    std::vector<Hazard> hazards = {};
};

/// How an object becomes what it is in the other model.
struct Alteration {
    bool rebuild = false; ///< not at all: it is dropped and made again
    std::string why;      ///< for the report
    std::vector<Part> parts;
    std::string unsupported; ///< cannot be done; why not

    static Alteration again(std::string reason) { return {true, std::move(reason), {}, {}}; }
    [[nodiscard]] bool empty() const { return !rebuild && parts.empty() && unsupported.empty(); }
};

/// Both models, for what is decided by more than one object.
struct Context {
    const Model& from_model;
    const Model& to_model;
    const Inventory& from;
    const Inventory& to;

    /// A partition or child that is one of the same table in both: what is done there is done to it as well.
    [[nodiscard]] bool follows(const Key& table) const;
};

Alteration compare(const Namespace& from, const Namespace& to, const Context& context);
Alteration compare(const Extension& from, const Extension& to, const Context& context);
Alteration compare(const Made& from, const Made& to, const Context& context);
Alteration compare(const Enumeration& from, const Enumeration& to, const Context& context);
Alteration compare(const Domain& from, const Domain& to, const Context& context);
Alteration compare(const DomainConstraint& from, const DomainConstraint& to, const Context& context);
Alteration compare(const Composite& from, const Composite& to, const Context& context);
Alteration compare(const Sequence& from, const Sequence& to, const Context& context);
Alteration compare(const Function& from, const Function& to, const Context& context);
Alteration compare(const Table& from, const Table& to, const Context& context);
Alteration compare(const Column& from, const Column& to, const Context& context);
Alteration compare(Default from, Default to, const Context& context);
Alteration compare(const Constraint& from, const Constraint& to, const Context& context);
Alteration compare(const Index& from, const Index& to, const Context& context);
Alteration compare(const View& from, const View& to, const Context& context);
Alteration compare(const Scripted& from, const Scripted& to, const Context& context);
/// For a partition's trigger that is to fire otherwise than its partitioned table's, as which it fires now.
Alteration fires_apart(const Scripted& trigger, const Context& context);
/// For one that fires otherwise, and is to fire as that.
Alteration fires_with_its_whole(Scripted trigger, const Context& context);
Alteration compare(const Policy& from, const Policy& to, const Context& context);

/// Adds what comment and privileges need.
void compare_attachments(const Key& key, const Attachments& from, const Attachments& to,
                         Alteration& alteration);
/// The same, with the comment on its index.
void compare_attachments(const Constraint& from, const Constraint& to, Alteration& alteration);

/// The change of a column's type when its type is made anew under the same name.
Part retype(const Column& from, const Column& to, const Context& context);

/// "SET (fillfactor='70')", "RESET (fillfactor)"
std::vector<std::string> option_changes(const Options& from, const Options& to);

/// What only changes the numbers of a sequence, as the options of ALTER SEQUENCE.
std::vector<std::string> counting_changes(const Counting& from, const Counting& to);

/// PostgreSQL refuses bounds that the sequence is not within. One that was not used yet, or that has not come
/// to the new bounds, is moved there first; one that has passed them is not, as it would repeat itself.
std::vector<Statement> brought_within(const Key& sequence, const Counting& from, const Counting& to);

} // namespace dibs::schema
