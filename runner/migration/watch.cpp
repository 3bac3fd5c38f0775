#include "migration/watch.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include <fmt/format.h>

#include "migration/index_progress.hpp"

namespace dibs::migration {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::int64_t now() {
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// How long ago that was.
std::chrono::steady_clock::duration since(std::int64_t moment) {
    return std::chrono::steady_clock::duration(now() - moment);
}

const char* const blockers_question =
    "SELECT b.pid, a.application_name, a.backend_type, a.state, "
    "pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) "
    "coalesce(a.xact_start, "
    "a.query_start))::pg_catalog.int8, pg_catalog.left(a.query, 300), a.backend_start IS NOT NULL "
    "FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::pg_catalog.int4)) WITH ORDINALITY b(pid, n) "
    "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) b.pid ORDER BY b.n LIMIT 5";

/// Of the watched session itself; nothing while it computes.
const char* const wait_question =
    "SELECT pg_catalog.concat_ws(': ', wait_event_type, wait_event) FROM pg_catalog.pg_stat_activity "
    "WHERE pid OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND state OPERATOR(pg_catalog.=) 'active'";

/// This session does not see what the other has created and not committed: those tables nobody else wants.
const char* const locks_question =
    "SELECT c.oid, pg_catalog.concat(n.nspname, '.', c.relname) FROM pg_catalog.pg_locks l "
    "JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) l.relation "
    "JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace "
    "JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) l.database "
    "WHERE l.pid OPERATOR(pg_catalog.=) $1::pg_catalog.int4 AND l.granted "
    "AND l.mode OPERATOR(pg_catalog.=) 'AccessExclusiveLock' "
    "AND d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database() "
    "AND c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,m,f}'::pg_catalog.\"char\"[]) "
    "AND c.relpersistence OPERATOR(pg_catalog.<>) 't'";

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

Watch::Watch(const database::Connection& watched, milliseconds interval)
    : watched_(watched), interval_(interval), thread_([this] { run(); }) {}

Watch::~Watch() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

Watch::Transaction::Transaction(Watch& watch) : watch_(watch) {
    const std::lock_guard lock(watch.mutex_);
    watch.locks_.clear();
    watch.transaction_ = now();
}

void Watch::begins() noexcept {
    const std::int64_t begun = now();
    latest_ = begun;
    statement_ = begun;
}

Watch::Sight Watch::last_statement() {
    const std::lock_guard lock(mutex_);
    return found_for_ == latest_ ? found_ : Sight{};
}

std::vector<Watch::Held> Watch::exclusive() {
    const std::lock_guard lock(mutex_);
    std::vector<Held> held;
    for (const auto& [oid, seen] : locks_) {
        const auto time =
            std::chrono::duration_cast<milliseconds>((seen.held ? Clock::now() : seen.last) - seen.first);
        if (time >= seconds(1))
            held.push_back({seen.table, time});
    }
    locks_.clear();
    return held;
}

void Watch::run() {
    Clock::time_point next;
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, interval_, [this] { return stop_; })) {
        const std::int64_t statement = statement_;
        const std::int64_t transaction = transaction_;
        const auto time = std::max(statement == 0 ? Clock::duration::zero() : since(statement),
                                   transaction == 0 ? Clock::duration::zero() : since(transaction));
        if (time < interval_ || (time > seconds(10) && Clock::now() < next))
            continue;
        next = Clock::now() + seconds(1);
        lock.unlock();
        look();
        lock.lock();
    }
}

void Watch::look() {
    const std::int64_t statement = statement_;
    const std::int64_t transaction = transaction_;
    const Clock::time_point moment = Clock::now();
    try {
        if (!own_)
            own_.emplace(watched_.beside("dibs watch"));
        const std::string pid = std::to_string(watched_.backend_pid());
        const std::array<database::Statement, 4> questions{{{blockers_question, {pid}},
                                                            {wait_question, {pid}},
                                                            {locks_question, {pid}},
                                                            {index_progress_question, {pid}}}};
        const database::Outcome answers = own_->pipeline(questions).or_throw();
        const database::Result& blockers = answers.results.at(0);
        const database::Result& wait = answers.results.at(1);
        const database::Result& locks = answers.results.at(2);
        const database::Result& index = answers.results.at(3);

        const std::lock_guard lock(mutex_);
        if (statement != 0 && statement == latest_) { // it may have ended while this was asked
            if (found_for_ != statement)
                found_.blockers.clear();
            found_for_ = statement;
            found_.is_blocked = blockers.rows() > 0;
            if (found_.is_blocked)
                found_.blockers.clear();
            for (std::size_t row = 0; row < blockers.rows(); ++row)
                found_.blockers.push_back(described(blockers, row));
            found_.wait_event = wait.rows() > 0 ? wait.text(0, 0) : "";
            found_.index = index.rows() > 0 ? described(phase_in(index, 0)) : "";
        }
        if (transaction != 0 && transaction == transaction_) {
            for (auto& [oid, seen] : locks_)
                seen.held = false;
            for (std::size_t row = 0; row < locks.rows(); ++row) {
                const auto [seen, is_new] = locks_.try_emplace(
                    std::string(locks.text(row, 0)), Lock{std::string(locks.text(row, 1)), moment, moment});
                seen->second.last = moment;
                seen->second.held = true;
            }
        }
    } catch (const std::exception&) { // no connection left, say: then nobody is named, and all else goes on
        own_.reset();
    }
}

} // namespace dibs::migration
