#pragma once

#include "worker/message.hpp"
#include "worker/session.hpp"

namespace dibs::worker {

// The forms that the values of a Session have on the line.
void put(MessageWriter& message, const Call& call);
Call take_call(MessageReader& message);
void put(MessageWriter& message, const IndexDefinition& index);
IndexDefinition take_index(MessageReader& message);
void put(MessageWriter& message, const IndexRemoval& index);
IndexRemoval take_removal(MessageReader& message);
void put(MessageWriter& message, const Table& table);
Table take_table(MessageReader& message);
void put(MessageWriter& message, const CallFailure& failure);
CallFailure take_failure(MessageReader& message);
void put(MessageWriter& message, const Ending& ending);
Ending take_ending(MessageReader& message);

} // namespace dibs::worker
