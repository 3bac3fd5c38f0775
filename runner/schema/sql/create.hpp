#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "schema/model/model.hpp"
#include "schema/sql/statement.hpp"

// The statements that make an object, with its comment and privileges, and the one that drops it.
namespace dibs::schema {

using FindTable = std::function<const Table*(const Key&)>;

/// What is made with a table, and what only later.
struct TableParts {
    std::vector<const Constraint*> constraints; ///< that stand in the statement
    std::set<std::string> without_default;      ///< columns whose default is set later
    FindTable parent;                           ///< of those that it inherits from
};

std::vector<Statement> create(const Namespace& schema);
std::vector<Statement> create(const Extension& extension);
std::vector<Statement> create(const Made& made);
std::string set_target(const Made& statistics);
std::vector<Statement> create(const Enumeration& enumeration);
std::vector<Statement> create(const Domain& domain, const std::vector<const DomainConstraint*>& constraints);
std::vector<Statement> create(const DomainConstraint& constraint);
std::vector<Statement> create(const Composite& composite);
std::vector<Statement> create(const Sequence& sequence); ///< without its owner
std::vector<Statement> create(const Function& function);
std::vector<Statement> create(const Table& table, const TableParts& parts);
std::vector<Statement> create(const Column& column); ///< in a table that is there
/// @param only not in the partitions, which have one each
std::vector<Statement> create(const Constraint& constraint, bool only);
std::vector<Statement> create(const Index& index, bool only);
std::vector<Statement> create(const View& view);
std::vector<Statement> create_rule(const Scripted& rule);
std::vector<Statement> create_trigger(const Scripted& trigger);
std::vector<Statement> create(const Policy& policy);

/// The statement alone, for a default too.
std::string drop(const Key& key);

// Pieces of statements.
std::string column_definition(const Column& column, bool with_default);
/// What a column has that its definition cannot say: storage, statistics target, options.
std::vector<Statement> column_parameters(const Column& column);
/// The same, with comment and privileges.
std::vector<Statement> column_settings(const Column& column);
/// "START WITH 10 INCREMENT BY 2", without what is the default; empty when all is
std::string counting_options(const Counting& counting, const std::string& sequence_name);
std::string constraint_definition(const Constraint& constraint);
/// "fillfactor=70, toast.autovacuum_enabled=false", values quoted
std::string option_list(const Options& options);
std::string view_statement(const View& view, bool replace);
std::string set_default(const Column& column);
/// When a trigger or rule fires, as a statement: "ALTER TABLE t DISABLE TRIGGER a".
std::string fire(const Scripted& scripted);
std::string attach_partition(const Table& child);
std::string detach_partition(const Table& child);
/// The index behind an index's or constraint's key.
std::string index_name(const Key& key);
/// "COMMENT ON INDEX public.users_pkey IS NULL": on the index behind a constraint.
std::string comment_on_index(const Constraint& constraint);

} // namespace dibs::schema
