#include "migration/long_statement.hpp"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "process/interrupt.hpp"

namespace dibs::migration {

using std::chrono::seconds;

LongStatement::LongStatement(database::Connection& connection, Watch& watch,
                             std::function<void(const std::string&)> say)
    : connection_(connection), watch_(watch), say_(std::move(say)), statement_(watch) {
    connection.on_wait([this] { look(); });
}

void LongStatement::look() {
    if (connection_.cancelled() && ++looks_since_cancelled_ == 3)
        say_(fmt::format("was cancelled and has not ended yet; dibs asks again each second{}",
                         process::interrupt() != 0 ? ". Another Ctrl-C ends dibs and leaves it to the server"
                                                   : ""));
    const auto time = std::chrono::duration_cast<seconds>(std::chrono::steady_clock::now() - begun_);
    if (time < next_)
        return;
    say_(described(time, watch_.last_statement()));
    next_ = time < seconds(30) ? seconds(30) : time / seconds(60) * seconds(60) + seconds(60);
}

std::string held_by(const Watch::Sight& sight) {
    return sight.is_blocked ? fmt::format(", held by {}", fmt::join(sight.blockers, "; ")) : "";
}

std::string described(seconds time, const Watch::Sight& sight) {
    if (!sight.index.empty())
        return fmt::format("has run for {} s: {}{}", time.count(), sight.index, held_by(sight));
    if (sight.is_blocked)
        return fmt::format("has waited for a lock for {} s{}", time.count(), held_by(sight));
    const std::string event = sight.wait_event.empty() ? "" : fmt::format(" ({})", sight.wait_event);
    return fmt::format("has run for {} s{}", time.count(), event);
}

} // namespace dibs::migration
