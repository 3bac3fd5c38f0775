#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "database/result.hpp"

namespace dibs::migration {

/// Where a session is that builds an index, as pg_stat_progress_create_index has it. Counters of other phases
/// stay 0.
struct IndexPhase {
    std::string phase; ///< "building index: scanning table"
    std::int64_t lockers_total = 0;
    std::int64_t lockers_done = 0;
    std::int64_t blocks_total = 0;
    std::int64_t blocks_done = 0;
    std::int64_t tuples_total = 0;
    std::int64_t tuples_done = 0;
};

/// Gives a row while the session $1 builds an index, and this role may see that.
extern const char* const index_progress_question;
IndexPhase phase_in(const database::Result& answer, std::size_t row);

/// "building index: scanning table, 42 %"
std::string described(const IndexPhase& phase);

} // namespace dibs::migration
