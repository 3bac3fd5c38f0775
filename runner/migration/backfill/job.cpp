#include "migration/backfill/job.hpp"

namespace dibs::migration {

std::string own_rights() {
    return "SET LOCAL SESSION AUTHORIZATION DEFAULT; SET LOCAL ROLE NONE; SET LOCAL statement_timeout = 0; ";
}

std::string with_own_rights(const std::string& sql) {
    return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; " + own_rights() + sql + "; COMMIT";
}

} // namespace dibs::migration
