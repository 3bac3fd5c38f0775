#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "history/backfills.hpp"
#include "migration/backfill/table.hpp"
#include "migration/backfill/walk.hpp"
#include "worker/session.hpp"

namespace dibs::migration {

/// What all parts of one backfill have in common.
struct BackfillJob {
    worker::BackfillDefinition what;
    worker::Call where;       ///< the call of the migration
    bool by_callback = false; ///< the migration itself writes each batch
    BackfillTable table;
    std::unique_ptr<Walk> walk;
    history::Backfills history;
    history::Backfill record;
    std::string run;
    std::chrono::milliseconds lock_timeout{0}; ///< of a batch
    bool settles = false;                      ///< `set` makes `where` false, as can be told beforehand

    [[nodiscard]] const KeyWalk* keys() const { return dynamic_cast<const KeyWalk*>(walk.get()); }
    /// Whether rows for which `where` holds are to be looked for again at the end.
    [[nodiscard]] bool looks_again() const { return !what.set.empty() && !what.where.empty(); }
};

/// SQL for a transaction with the rights of the session, whatever role the migration has set.
std::string with_own_rights(const std::string& sql);
/// The same inside a transaction, to its end.
std::string own_rights();

} // namespace dibs::migration
