#pragma once

#include "plugin/library.hpp"
#include "worker/message.hpp"
#include "worker/session.hpp"

namespace dibs::worker {

// The forms that values have on the line. What is taken throws ForeignMessage where it is none of them.
void put(MessageWriter& message, const Call& call);
Call take_call(MessageReader& message);
void put(MessageWriter& message, const IndexDefinition& index);
IndexDefinition take_index(MessageReader& message);
void put(MessageWriter& message, const IndexRemoval& index);
IndexRemoval take_removal(MessageReader& message);
void put(MessageWriter& message, const BackfillDefinition& what);
BackfillDefinition take_backfill(MessageReader& message);
void put(MessageWriter& message, const Table& table);
Table take_table(MessageReader& message);
void put(MessageWriter& message, const FetchedRows& fetched);
FetchedRows take_fetched_rows(MessageReader& message);
void put(MessageWriter& message, const CopyTarget& target);
CopyTarget take_target(MessageReader& message);
void put(MessageWriter& message, const CallFailure& failure);
CallFailure take_failure(MessageReader& message);
void put(MessageWriter& message, const Ending& ending);
Ending take_ending(MessageReader& message);
void put(MessageWriter& message, const plugin::FileIdentity& file);
plugin::FileIdentity take_identity(MessageReader& message);

} // namespace dibs::worker
