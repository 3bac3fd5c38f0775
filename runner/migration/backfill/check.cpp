#include "migration/backfill/check.hpp"

#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "migration/backfill/refuse.hpp"

namespace dibs::migration {

void check(const worker::BackfillDefinition& what, bool by_callback, const worker::Call& where) {
    constexpr std::uint32_t most_workers = 32;
    if (what.table.empty())
        refuse("backfill() needs .table",
               "As in {.table = \"users\", .set = \"bio = ''\", .where = \"bio IS NULL\"}.", where);
    if (by_callback ? !what.set.empty() || !what.sql.empty() : what.set.empty() == what.sql.empty())
        refuse(by_callback ? "backfill() with a function takes neither .set nor .sql"
                           : "backfill() takes either .set or .sql, or a function that does the work",
               "What is done with each batch is said once.", where);
    if (!what.sql.empty() && !what.where.empty())
        refuse("backfill() with .sql takes no .where", "Put the condition into the statement.", where);
    if (!what.sql.empty() &&
        (what.sql.find("{first}") == std::string::npos || what.sql.find("{last}") == std::string::npos))
        refuse(".sql has to say which rows a batch is about, by {first} and {last}",
               "As in \"UPDATE users SET ... WHERE id BETWEEN {first} AND {last}\".", where);
    if (what.workers < 1 || what.workers > most_workers || (by_callback && what.workers > 1))
        refuse(by_callback
                   ? "backfill() with a function has one worker: the function is called by one"
                   : fmt::format("backfill() takes 1 to {} workers, not {}", most_workers, what.workers),
               "Set .workers.", where);
    if (what.batch_time_ms < 1 && what.batch_size == 0)
        refuse("backfill() needs a .batch_time above 0, or a .batch_size", "As in .batch_time = \"200ms\".",
               where);
}

} // namespace dibs::migration
