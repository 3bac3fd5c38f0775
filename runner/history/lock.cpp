#include "history/lock.hpp"

#include <cstdint>
#include <random>

#include <fmt/format.h>

#include "plugin/checksum.hpp"
#include "process/interrupt.hpp"
#include "report/failure.hpp"

namespace dibs::history {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// pg_locks shows a bigint key in two halves, with objsubid 1 ("pg_locks").
std::string own_row(std::int64_t key) {
    const auto bits = static_cast<std::uint64_t>(key);
    return fmt::format(
        "l.locktype OPERATOR(pg_catalog.=) 'advisory' AND l.classid OPERATOR(pg_catalog.=) {}::oid AND "
        "l.objid OPERATOR(pg_catalog.=) {}::oid AND l.objsubid OPERATOR(pg_catalog.=) 1 AND l.granted "
        "AND l.database OPERATOR(pg_catalog.=) (SELECT oid FROM pg_catalog.pg_database WHERE datname "
        "OPERATOR(pg_catalog.=) pg_catalog.current_database())",
        bits >> 32, bits & 0xffffffffU);
}

Holder find_holder(database::Connection& connection, std::int64_t key) {
    const database::Result result = connection.query(
        {"SELECT l.pid, a.application_name, coalesce(pg_catalog.host(a.client_addr), 'local socket'), "
         "pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), a.backend_start "
         "IS NOT NULL, CASE WHEN a.state OPERATOR(pg_catalog.=) 'active' THEN pg_catalog.left(a.query, 300) "
         "END, pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) "
         "a.query_start)::pg_catalog.int8 "
         "FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid OPERATOR(pg_catalog.=) "
         "l.pid "
         "WHERE " +
             own_row(key),
         {}});
    Holder holder;
    if (result.rows() > 0) {
        holder.pid = std::stoi(std::string(result.text(0, 0)));
        holder.application_name = result.text(0, 1);
        holder.client = result.text(0, 2);
        holder.since = result.text(0, 3);
        holder.visible = result.text(0, 4) == "t";
        holder.query = result.text(0, 5);
        holder.running = result.text(0, 6);
    }
    return holder;
}

} // namespace

std::string describe(const Holder& holder) {
    if (holder.pid == 0)
        return "a session that has just let go of it";
    if (!holder.visible)
        return fmt::format("the session with pid {} (more is not visible to this role without pg_monitor)",
                           holder.pid);
    std::string text =
        fmt::format("the session with pid {} ({}, from {}, connected since {} UTC)", holder.pid,
                    holder.application_name.empty() ? "no application name" : holder.application_name,
                    holder.client, holder.since);
    if (!holder.query.empty())
        text += fmt::format(", which has been at this for {} s: {}", holder.running, holder.query);
    return text;
}

std::string is_held(const std::string& name) {
    return fmt::format("EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE {})",
                       own_row(plugin::lock_key(name)));
}

Lock::Lock(database::Connection& connection, const std::string& name, milliseconds patience,
           const std::function<void(const Holder&)>& waiting)
    : connection_(connection), key_(plugin::lock_key(name)) {
    const std::string attempt =
        fmt::format("SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE {} AND l.pid "
                    "OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid()) THEN 'mine' WHEN "
                    "pg_catalog.pg_try_advisory_lock({}) THEN 'taken' ELSE 'busy' END",
                    own_row(key_), key_);
    const auto deadline = steady_clock::now() + patience;
    std::minstd_rand random(std::random_device{}());
    bool told = false;
    for (milliseconds pause(20);; pause = std::min(pause * 2, milliseconds(500))) {
        const database::Result answer = connection_.query({attempt, {}});
        const std::string_view outcome = answer.text(0, 0);
        if (outcome == "taken")
            return;
        if (outcome == "mine")
            throw report::Failure(
                report::ExitCode::lock_not_obtained, "this very session holds the migration lock already",
                "Another run uses the same connection: let it end, or connect directly and not "
                "through a pooler.");
        if (steady_clock::now() >= deadline) {
            const Holder holder = find_holder(connection_, key_);
            throw report::Failure(
                report::ExitCode::lock_not_obtained,
                fmt::format("another run holds the migration lock, and {} s were not enough to wait: {}",
                            std::chrono::duration_cast<std::chrono::seconds>(patience).count(),
                            describe(holder)),
                "Wait for that run and try again; if it hangs, end it with: SELECT pg_terminate_backend(" +
                    std::to_string(holder.pid) + "). Nothing was changed.");
        }
        if (!told) {
            waiting(find_holder(connection_, key_));
            told = true;
        }
        // Jitter, so that many waiting runs do not ask in step; the sleep is ours, no statement is open
        // meanwhile.
        process::sleep(pause / 2 +
                       milliseconds(static_cast<std::int64_t>(random() % 1000) * pause.count() / 2000));
    }
}

Lock::~Lock() {
    if (held_)
        release();
}

bool Lock::release() {
    held_ = false;
    try {
        const database::Result answer =
            connection_.query({fmt::format("SELECT pg_catalog.pg_advisory_unlock({})", key_), {}});
        return answer.text(0, 0) == "t";
    } catch (const std::exception&) { // the session is gone or will be soon, and the lock with it
        return true;
    }
}

std::string Lock::assurance() const {
    return fmt::format(
        "CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE {} AND l.pid OPERATOR(pg_catalog.=) "
        "pg_catalog.pg_backend_pid()) THEN true ELSE pg_catalog.pg_try_advisory_lock({}) END",
        own_row(key_), key_);
}

std::string Lock::renewal() const {
    // CASE fixes the order ("Expression Evaluation Rules"); void is never null.
    return fmt::format(
        "CASE WHEN NOT pg_catalog.pg_try_advisory_xact_lock({0}) THEN false WHEN "
        "pg_catalog.pg_advisory_unlock_all() IS NULL THEN NULL ELSE pg_catalog.pg_try_advisory_lock({0}) END",
        key_);
}

} // namespace dibs::history
