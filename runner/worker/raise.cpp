#include "worker/raise.hpp"

#include <dibs/error.hpp>

namespace dibs::worker {

void raise(const CallFailure& failure) {
    dibs::ErrorFields fields;
    fields.message = failure.message;
    fields.sqlstate = failure.sqlstate;
    fields.detail = failure.detail;
    fields.hint = failure.hint;
    fields.context = failure.context;
    fields.constraint = failure.constraint;
    fields.sql = failure.sql;
    fields.file = failure.file;
    fields.line = failure.line;
    fields.position = failure.position;
    fields.statement = failure.statement;
    throw dibs::Error(fields);
}

} // namespace dibs::worker
