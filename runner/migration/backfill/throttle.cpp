#include "migration/backfill/throttle.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "migration/backfill/refuse.hpp"
#include "migration/hints.hpp"
#include "process/interrupt.hpp"
#include "report/text.hpp"

namespace dibs::migration {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// replay_lag alone does not do: of a standby that stands still it says what it was when that last moved, and
/// of one that nothing is sent to, nothing. A role without pg_monitor sees that there is one, and no more
/// ("pg_stat_replication").
const char* const standbys_question =
    "SELECT CASE WHEN application_name OPERATOR(pg_catalog.<>) '' THEN application_name ELSE "
    "coalesce(client_addr::pg_catalog.text, pg_catalog.concat('pid ', pid)) END, "
    "pg_catalog.pg_wal_lsn_diff(replay_lsn, '0/0')::pg_catalog.int8, (pg_catalog.date_part('epoch', "
    "replay_lag) OPERATOR(pg_catalog.*) 1000)::pg_catalog.int8, state IS NULL, pg_catalog.pg_wal_lsn_diff("
    "pg_catalog.pg_current_wal_lsn(), '0/0')::pg_catalog.int8 FROM pg_catalog.pg_stat_replication "
    "WHERE state IS NULL OR state OPERATOR(pg_catalog.=) ANY (ARRAY['streaming', 'catchup'])";

std::int64_t number(const database::Result& result, std::size_t row, std::size_t column) {
    const std::optional<std::string_view> text = result.value(row, column);
    return text ? std::stoll(std::string(*text)) : 0;
}

} // namespace

std::string Throttle::reason() {
    const auto now = steady_clock::now();
    if (looked_once_ && now - looked_ < seconds(1))
        return last_;
    looked_ = now;
    looked_once_ = true;
    last_ = job_.what.max_lag_ms > 0 ? lag() : "";
    if (last_.empty() && !job_.what.only_while.empty())
        last_ = condition();
    return last_;
}

std::string Throttle::lag() {
    const database::Outcome outcome = connection_.script(standbys_question);
    if (outcome.error) {
        process::check_interrupt();
        throw worker::CallError(failure_of(*outcome.error, job_.where));
    }
    const database::Result& standbys = outcome.results.back();
    const auto now = steady_clock::now();
    if (standbys.rows() > 0)
        sent_.push_back({now, number(standbys, 0, 4)});
    std::int64_t least = sent_.empty() ? 0 : sent_.back().lsn;
    std::string worst;
    milliseconds longest(0);
    for (std::size_t row = 0; row < standbys.rows(); ++row) {
        if (standbys.text(row, 3) == "t") {
            if (!told_hidden_)
                remark_("how far standbys are behind is not visible to this role without pg_monitor, so it "
                        "does not wait for them");
            told_hidden_ = true;
            continue;
        }
        const std::int64_t replayed = number(standbys, row, 1);
        least = std::min(least, replayed);
        const auto unreplayed =
            std::find_if(sent_.begin(), sent_.end(), [&](const Sent& sent) { return sent.lsn > replayed; });
        if (unreplayed == sent_.end())
            continue;
        const milliseconds behind = std::max(duration_cast<milliseconds>(now - unreplayed->when),
                                             milliseconds(number(standbys, row, 2)));
        if (behind > longest) {
            longest = behind;
            worst = standbys.text(row, 0);
        }
    }
    // What every standby has is of no use any more.
    while (sent_.size() > 1 && sent_.front().lsn <= least)
        sent_.pop_front();
    if (longest.count() <= job_.what.max_lag_ms)
        return {};
    return fmt::format("the standby {} is {} s behind", report::harmless(worst),
                       duration_cast<seconds>(longest).count());
}

std::string Throttle::condition() {
    const database::Outcome outcome = connection_.script(job_.what.only_while);
    worker::Call call = job_.where;
    call.sql = job_.what.only_while;
    if (outcome.error) {
        process::check_interrupt();
        throw worker::CallError(failure_of(*outcome.error, call));
    }
    constexpr std::uint32_t boolean = 16; // pg_type.oid
    if (outcome.results.empty() || outcome.results.back().columns() != 1 ||
        outcome.results.back().column_type(0) != boolean)
        refuse(".only_while is no query of one boolean", "As in \"SELECT count(*) < 100 FROM queue\".", call);
    const database::Result& answer = outcome.results.back();
    const bool holds = answer.rows() > 0 && answer.value(0, 0) && answer.text(0, 0) == "t";
    return holds ? "" : fmt::format("until this is true: {}", report::harmless(job_.what.only_while));
}

} // namespace dibs::migration
