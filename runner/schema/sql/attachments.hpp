#pragma once

#include <string>
#include <vector>

#include "schema/model/key.hpp"
#include "schema/model/object.hpp"
#include "schema/sql/statement.hpp"

namespace dibs::schema {

/// The object as statements about it name it: "TABLE public.users", "TRIGGER log ON public.users".
std::string target(const Key& key);

/// What an object has that was just made.
Attachments fresh(const Key& key);

/// Makes comment and privileges what they are in `to`.
std::vector<Statement> attach(const Key& key, const Attachments& from, const Attachments& to);

/// "GRANT SELECT TO app"; for a line of the report.
std::vector<std::string> attachment_changes(const Attachments& from, const Attachments& to);

} // namespace dibs::schema
