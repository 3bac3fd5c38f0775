#include "migration/hints.hpp"

#include <algorithm>
#include <cctype>

namespace dibs::migration {
namespace {

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return result;
}

} // namespace

std::string hint_for(const database::Message& said, std::string_view sql) {
    if (said.sqlstate == "42601" && said.message.find("\"LIMIT\"") != std::string::npos) { // syntax_error
        const std::string text = upper(sql);
        if (text.find("UPDATE") != std::string::npos || text.find("DELETE") != std::string::npos)
            return "PostgreSQL has no UPDATE or DELETE with LIMIT. Take the rows by key: UPDATE t SET ... "
                   "WHERE id IN "
                   "(SELECT id FROM t WHERE id > $1 ORDER BY id LIMIT 5000).";
    }
    if (said.sqlstate == "25001" &&
        said.message.find("transaction block") != std::string::npos) // active_sql_transaction
        return "Put it into a migration of its own that says DIBS_MIGRATION(.transaction = false), and into "
               "an execute() of its own: several statements in one are a transaction there, too.";
    if (said.sqlstate == "55P04") // unsafe_new_enum_value_usage
        return "A new enum value can be used only after the transaction that added it: add it in one "
               "migration and use "
               "it in the next.";
    if (said.sqlstate == "42P18") // indeterminate_datatype
        return "Say the type in the SQL, as in $1::bigint.";
    if (said.sqlstate == "55P03") // lock_not_available
        return "Another session holds a lock that is in the way. Try again when it is done, or allow more "
               "time with "
               "DIBS_MIGRATION(.lock_timeout = \"10s\").";
    return {};
}

} // namespace dibs::migration
