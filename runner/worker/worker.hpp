#pragma once

namespace dibs::worker {

class Line;

/// The command by which the program starts itself as a worker; not for people.
inline constexpr const char* worker_command = "__worker";

/// The worker: loads libraries and runs their functions as it is told on the line, until the line's end.
/// Ignores SIGINT and SIGTERM: the runner hears them too, and ends the worker by closing the line.
/// @param line an open socket, owned by the caller
/// @return the process's exit status: 0 at the line's end
int serve(int line);

/// The same, without what serve() does to its process.
/// @throws LineClosed at the line's end, ForeignMessage when something else comes than the runner sends
[[noreturn]] void answer(Line& line);

} // namespace dibs::worker
