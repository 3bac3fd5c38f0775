#include "migration/blockers.hpp"

#include <exception>

#include <fmt/format.h>

namespace dibs::migration {
namespace {

std::int64_t now() {
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

const char* const question =
    "SELECT b.pid, a.application_name, a.backend_type, a.state, "
    "pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) "
    "coalesce(a.xact_start, "
    "a.query_start))::pg_catalog.int8, pg_catalog.left(a.query, 300), a.backend_start IS NOT NULL "
    "FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::pg_catalog.int4)) WITH ORDINALITY b(pid, n) "
    "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) b.pid ORDER BY b.n LIMIT 5";

std::string described(const database::Result& answer, std::size_t row) {
    const std::string_view pid = answer.text(row, 0);
    if (pid == "0") // pg_blocking_pids() ("System Information Functions")
        return "a prepared transaction (pg_prepared_xacts lists them)";
    if (answer.text(row, 6) != "t")
        return fmt::format("pid {} (more is not visible to this role without pg_read_all_stats)", pid);
    const std::string_view application = answer.text(row, 1);
    const std::string_view type = answer.text(row, 2);
    const std::string_view query = answer.text(row, 5);
    std::string text = fmt::format("pid {} ({}", pid, application.empty() ? type : application);
    if (answer.value(row, 3))
        text += fmt::format(", {}", answer.text(row, 3));
    if (answer.value(row, 4))
        text += fmt::format(" for {} s", answer.text(row, 4));
    text += fmt::format("): {}", query);
    if (type == "autovacuum worker" && query.find("to prevent wraparound") != std::string_view::npos)
        text += " (one against wraparound does not yield to others: let it end)";
    return text;
}

} // namespace

BlockerWatch::BlockerWatch(const database::Connection& watched, std::chrono::milliseconds interval)
    : watched_(watched), interval_(interval), thread_([this] { run(); }) {}

BlockerWatch::~BlockerWatch() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void BlockerWatch::begins() noexcept {
    const std::int64_t begun = now();
    latest_ = begun;
    running_ = begun;
}

std::vector<std::string> BlockerWatch::last() {
    const std::lock_guard lock(mutex_);
    return found_for_ == latest_ ? found_ : std::vector<std::string>{};
}

void BlockerWatch::run() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, interval_, [this] { return stop_; })) {
        const std::int64_t begun = running_;
        if (begun == 0 || std::chrono::steady_clock::duration(now() - begun) < interval_)
            continue;
        lock.unlock();
        std::vector<std::string> found = look();
        lock.lock();
        if (!found.empty()) {
            found_ = std::move(found);
            found_for_ = begun;
        }
    }
}

std::vector<std::string> BlockerWatch::look() {
    std::vector<std::string> found;
    try {
        if (!own_)
            own_.emplace(watched_.beside("dibs watch"));
        const database::Result answer = own_->query({question, {std::to_string(watched_.backend_pid())}});
        for (std::size_t row = 0; row < answer.rows(); ++row)
            found.push_back(described(answer, row));
    } catch (const std::exception&) { // no connection left, say: then nobody is named, and all else goes on
        own_.reset();
    }
    return found;
}

} // namespace dibs::migration
