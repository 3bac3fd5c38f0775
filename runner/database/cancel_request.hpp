#pragma once

#include <chrono>
#include <future>

struct pg_conn; // libpq's

namespace dibs::database {

/// Asks the server to cancel what it does for a connection, on a thread of its own: libpq waits for the
/// server's answer without limit.
class CancelRequest {
  public:
    /// Does nothing while the one before is under way.
    void send(pg_conn* connection);
    /// Waits until the server has it, so that it does not meet what is sent next, or for so long.
    void settle(std::chrono::milliseconds limit) const;

  private:
    std::future<void> done_;
};

} // namespace dibs::database
