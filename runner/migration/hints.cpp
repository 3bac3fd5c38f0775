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

std::string not_in_a_transaction(const std::string& sql) {
    const auto has = [&](std::string_view words) { return sql.find(words) != std::string::npos; };
    if (has("SET TRANSACTION") || has("ISOLATION LEVEL")) // what comes too late in a transaction
        return {};
    std::string hint =
        "Put it into a migration of its own that says DIBS_MIGRATION(.transaction = false), and into "
        "an execute() of its own: several statements in one are a transaction there, too.";
    if (has("CONCURRENTLY") && has("INDEX") && !has("REINDEX"))
        hint +=
            has("DROP INDEX")
                ? " ctx.drop_index_concurrently() drops an index there."
                : " ctx.create_index_concurrently() builds an index there, and mends what a failure leaves.";
    return hint;
}

} // namespace

std::string hint_for(const database::Message& said, std::string_view sql) {
    if (said.sqlstate == "42601" && said.message.find("\"LIMIT\"") != std::string::npos) { // syntax_error
        const std::string text = upper(sql);
        if (text.find("UPDATE") != std::string::npos || text.find("DELETE") != std::string::npos)
            return "PostgreSQL has no UPDATE or DELETE with LIMIT. ctx.backfill({.table = ..., .set = ..., "
                   ".where = ...}) changes a table in batches, each in a transaction of its own; a loop that "
                   "takes them by WHERE id IN (SELECT id FROM t WHERE ... LIMIT 5000) works too.";
    }
    if (said.sqlstate == "42601" && said.message.find("\"\\\"") != std::string::npos)
        return "A backslash outside of quotes begins a command of psql, which is no SQL: leave it out.";
    if (said.sqlstate == "42601" && said.message.find("\xEF\xBB\xBF") != std::string::npos)
        return "The SQL holds a byte order mark (U+FEFF), which nobody sees: take it out, as psql does.";
    if (said.sqlstate == "42601" && upper(sql).find("FROM STDIN") != std::string::npos)
        return "COPY ... FROM STDIN takes its rows from the client, not from the SQL: write them as INSERT, "
               "or "
               "send them with ctx.copy_in().";
    if (said.sqlstate == "25001") // active_sql_transaction; not by the message, which may be in any language
        return not_in_a_transaction(upper(sql));
    if (said.sqlstate == "2D000") // invalid_transaction_termination
        return "What commits by itself can do so only outside of a transaction: call it in a migration of "
               "its own "
               "that says DIBS_MIGRATION(.transaction = false), and in an execute() of its own.";
    if (said.sqlstate == "25P01") // no_active_sql_transaction
        return "A migration with .transaction = false has no transaction: put BEGIN, this and COMMIT into "
               "one "
               "execute(), or leave that option out.";
    if (said.sqlstate == "55P04") // unsafe_new_enum_value_usage
        return "Add the value in one migration, and use it in the next.";
    if (said.sqlstate == "42P18") // indeterminate_datatype
        return "Say the type in the SQL, as in $1::bigint.";
    if (said.sqlstate == "55P03") // lock_not_available
        return "Another session holds a lock that is in the way. Try again when it is done, or allow more "
               "time with "
               "DIBS_MIGRATION(.lock_timeout = \"10s\").";
    return {};
}

worker::CallFailure failure_of(const database::Message& said, const worker::Call& call) {
    worker::CallFailure failure;
    failure.message = said.message;
    failure.sqlstate = said.sqlstate;
    failure.detail = said.detail;
    failure.hint = said.hint;
    if (const std::string own = hint_for(said, call.sql); !own.empty())
        failure.hint += (said.hint.empty() ? "" : " ") + own;
    failure.context = said.context;
    failure.constraint = said.constraint;
    failure.sql = call.sql;
    failure.file = call.file;
    failure.line = call.line;
    failure.position = static_cast<std::uint32_t>(said.position);
    return failure;
}

} // namespace dibs::migration
