#include "database/libpq_message.hpp"

#include <string_view>

#include <libpq-fe.h>

namespace dibs::database {

std::string trimmed(const char* text) {
    std::string_view view = text == nullptr ? "" : text;
    while (!view.empty() && (view.back() == '\n' || view.back() == ' '))
        view.remove_suffix(1);
    return std::string(view);
}

Message message_of(const PGresult* result) {
    const auto field = [&](int code) { return trimmed(PQresultErrorField(result, code)); };
    Message said;
    said.severity = field(PG_DIAG_SEVERITY_NONLOCALIZED);
    said.sqlstate = field(PG_DIAG_SQLSTATE);
    said.message = field(PG_DIAG_MESSAGE_PRIMARY);
    said.detail = field(PG_DIAG_MESSAGE_DETAIL);
    said.hint = field(PG_DIAG_MESSAGE_HINT);
    said.context = field(PG_DIAG_CONTEXT);
    said.constraint = field(PG_DIAG_CONSTRAINT_NAME);
    said.column = field(PG_DIAG_COLUMN_NAME);
    if (said.message.empty()) // libpq's own errors have no fields
        said.message = trimmed(PQresultErrorMessage(result));
    const std::string position = field(PG_DIAG_STATEMENT_POSITION);
    if (!position.empty())
        said.position = std::stoul(position);
    return said;
}

} // namespace dibs::database
