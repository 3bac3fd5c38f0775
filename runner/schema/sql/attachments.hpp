#pragma once

#include <set>
#include <string>
#include <vector>

#include "schema/model/key.hpp"
#include "schema/model/model.hpp"
#include "schema/model/object.hpp"
#include "schema/sql/statement.hpp"

namespace dibs::schema {

/// The object as statements about it name it: "TABLE public.users", "TRIGGER log ON public.users".
std::string target(const Key& key);

/// What an object has that was just made.
Attachments fresh(const Key& key);

/// The privileges that others have on an object that was just made by a role with these default privileges.
std::set<Grant> given(const Key& key, const DefaultPrivileges& defaults);

/// Makes comment and privileges what they are in `to`.
std::vector<Statement> attach(const Key& key, const Attachments& from, const Attachments& to);

/// What is to be done after that from fresh(), where the one who makes the object has given others. Both are
/// said, so that the statements come to the same in a database with other default privileges.
std::vector<Statement> mend_privileges(const Key& key, const std::set<Grant>& given,
                                       const std::set<Grant>& wanted);

/// "GRANT SELECT TO app"; for a line of the report.
std::vector<std::string> attachment_changes(const Attachments& from, const Attachments& to);

} // namespace dibs::schema
