#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "database/connection.hpp"
#include "migration/watch.hpp"

namespace dibs::migration {

/// Around what a connection sends: when it takes long, says for how long already and what it waits for, after
/// 10 s, 30 s, a minute, and then each minute; and that it has not ended 2 s after it was cancelled.
class LongStatement {
  public:
    /// @param say called on the connection's thread with the rest of a sentence: "has run for 10 s (IO: ...)"
    LongStatement(database::Connection& connection, Watch& watch,
                  std::function<void(const std::string&)> say);
    LongStatement(const LongStatement&) = delete;
    LongStatement& operator=(const LongStatement&) = delete;
    ~LongStatement() { connection_.on_wait({}); }

  private:
    void look();

    database::Connection& connection_;
    Watch& watch_;
    std::function<void(const std::string&)> say_;
    Watch::Statement statement_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::chrono::seconds next_{10}; ///< when it says something again
    int looks_since_cancelled_ = 0; ///< a second apart
};

/// ", held by pid 4711 (...)" while it waits for others; else nothing.
std::string held_by(const Watch::Sight& sight);

/// "has waited for 10 s, held by pid 4711 (...)" or "has run for 30 s (IO: DataFileRead)"
std::string described(std::chrono::seconds time, const Watch::Sight& sight);

} // namespace dibs::migration
