#include "migration/backfill/team.hpp"

#include <tuple>

#include <fmt/format.h>

namespace dibs::migration {
namespace {

using history::BackfillPart;
using std::chrono::milliseconds;

/// Thrown on a thread that is to end, through what it is at.
struct Stopped {};

/// What the migration has set on its own connection, so that the same SQL means the same on another.
std::string settings_of(database::Connection& connection) {
    const database::Outcome outcome =
        connection
            .script("SELECT name, setting FROM pg_catalog.pg_settings WHERE source OPERATOR(pg_catalog.=) "
                    "'session' "
                    "AND context OPERATOR(pg_catalog.=) ANY (ARRAY['user', 'superuser']); "
                    "SELECT pg_catalog.current_setting('role')")
            .or_throw();
    std::string sql;
    const database::Result& settings = outcome.results.at(0);
    for (std::size_t row = 0; row < settings.rows(); ++row)
        sql += fmt::format("SELECT pg_catalog.set_config({}, {}, false); ",
                           connection.quote_literal(settings.text(row, 0)),
                           connection.quote_literal(settings.text(row, 1)));
    if (const std::string_view role = outcome.results.at(1).text(0, 0); role != "none")
        sql += "SET ROLE " + connection.quote_identifier(role);
    return sql;
}

} // namespace

Team::~Team() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

void Team::start(unsigned others, database::Connection& like) {
    const std::string settings = settings_of(like);
    const int cancel_on = like.cancel_on(-1);
    like.cancel_on(cancel_on);
    std::vector<database::Connection> connections;
    for (unsigned i = 0; i < others; ++i) {
        connections.push_back(like.beside("dibs backfill"));
        std::ignore = connections.back().script(settings).or_throw();
        connections.back().cancel_on(cancel_on);
    }
    const std::lock_guard lock(mutex_);
    for (database::Connection& connection : connections) {
        ++at_work_;
        threads_.emplace_back([this, own = std::move(connection)]() mutable { work_beside(std::move(own)); });
    }
}

std::optional<BackfillPart> Team::take() {
    const std::lock_guard lock(mutex_);
    while (next_ < parts_.size() && parts_[next_].done)
        ++next_;
    return next_ < parts_.size() && !stop_ ? std::optional(parts_[next_++]) : std::nullopt;
}

bool Team::wait_while_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stop_ || !held_; });
    return !stop_;
}

std::int64_t Team::walk_whole(database::Connection& connection, BackfillPart part, std::int64_t batch_size,
                              const PartWalk::Surroundings& surroundings) {
    if (part.batch_size == 0)
        part.batch_size = batch_size;
    PartWalk walk(connection, job_, std::move(part), surroundings);
    while (walk.step()) {
    }
    return walk.batch_size();
}

void Team::work_beside(database::Connection connection) noexcept {
    try {
        const PartWalk::Surroundings surroundings{
            [this](const std::string&, const std::string&) {
                if (!wait_while_held())
                    throw Stopped();
            },
            [this](const BackfillPart& part, std::int64_t) { note(part); },
            [this](milliseconds time) {
                std::unique_lock lock(mutex_);
                if (changed_.wait_for(lock, time, [&] { return stop_; }))
                    throw Stopped();
            },
            {}};
        std::int64_t batch_size = 0;
        while (wait_while_held()) {
            const std::optional<BackfillPart> part = take();
            if (!part)
                break;
            batch_size = walk_whole(connection, *part, batch_size, surroundings);
        }
    } catch (const Stopped&) { // as it should
    } catch (...) {
        const std::lock_guard lock(mutex_);
        if (!failure_)
            failure_ = std::current_exception();
        stop_ = true;
    }
    {
        const std::lock_guard lock(mutex_);
        --at_work_;
    }
    changed_.notify_all();
}

void Team::work(database::Connection& connection, const PartWalk::Surroundings& surroundings) {
    std::int64_t batch_size = 0;
    while (const std::optional<BackfillPart> part = take()) {
        batch_size = walk_whole(connection, *part, batch_size, surroundings);
        check();
    }
    check();
}

bool Team::wait_for_all(milliseconds patience) {
    bool ended = false;
    {
        std::unique_lock lock(mutex_);
        ended = changed_.wait_for(lock, patience, [&] { return at_work_ == 0; });
    }
    check();
    return ended;
}

void Team::hold(bool on) {
    {
        const std::lock_guard lock(mutex_);
        held_ = on;
    }
    changed_.notify_all();
}

void Team::check() {
    const std::lock_guard lock(mutex_);
    if (failure_)
        std::rethrow_exception(failure_);
}

void Team::note(const BackfillPart& part) {
    const std::lock_guard lock(mutex_);
    parts_.at(static_cast<std::size_t>(part.number - 1)) = part;
}

std::vector<BackfillPart> Team::parts() {
    const std::lock_guard lock(mutex_);
    return parts_;
}

} // namespace dibs::migration
