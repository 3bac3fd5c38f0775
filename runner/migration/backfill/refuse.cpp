#include "migration/backfill/refuse.hpp"

namespace dibs::migration {

void refuse(std::string reason, std::string hint, const worker::Call& where) {
    worker::CallFailure failure;
    failure.message = std::move(reason);
    failure.hint = std::move(hint);
    failure.sql = where.sql;
    failure.file = where.file;
    failure.line = where.line;
    throw worker::CallError(std::move(failure));
}

} // namespace dibs::migration
