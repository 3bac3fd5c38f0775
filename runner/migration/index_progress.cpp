#include "migration/index_progress.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace dibs::migration {

const char* const index_progress_question =
    "SELECT phase, lockers_total, lockers_done, blocks_total, blocks_done, tuples_total, tuples_done FROM "
    "pg_catalog.pg_stat_progress_create_index WHERE pid OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND phase "
    "IS NOT NULL";

IndexPhase phase_in(const database::Result& answer, std::size_t row) {
    const auto number = [&](std::size_t column) {
        const auto value = answer.value(row, column);
        return value ? std::stoll(std::string(*value)) : 0;
    };
    return {
        std::string(answer.text(row, 0)), number(1), number(2), number(3), number(4), number(5), number(6)};
}

std::string described(const IndexPhase& phase) {
    const auto percent = [&](std::int64_t done, std::int64_t total) {
        return fmt::format("{}, {} %", phase.phase, std::min<std::int64_t>(done * 100 / total, 100));
    };
    if (phase.phase.starts_with("waiting") && phase.lockers_total > 0)
        return fmt::format("{}, {} of {}", phase.phase, phase.lockers_done, phase.lockers_total);
    if (phase.tuples_total > 0)
        return percent(phase.tuples_done, phase.tuples_total);
    if (phase.blocks_total > 0)
        return percent(phase.blocks_done, phase.blocks_total);
    return phase.phase;
}

} // namespace dibs::migration
