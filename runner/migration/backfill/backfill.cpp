#include "migration/backfill/backfill.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "migration/backfill/check.hpp"
#include "migration/backfill/filled_column.hpp"
#include "migration/backfill/refuse.hpp"
#include "migration/hints.hpp"
#include "migration/query_words.hpp"
#include "migration/retry.hpp"
#include "process/interrupt.hpp"
#include "report/redactor.hpp"
#include "report/text.hpp"

namespace dibs::migration {
namespace {

using database::Outcome;
using history::BackfillPart;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Passes over the table in which others may have written rows anew that need the backfill.
constexpr int most_passes = 10;
/// Parts for each worker, so that none has nothing to do while another has much.
constexpr unsigned parts_of_worker = 4;

} // namespace

Backfill::Backfill(database::Connection& connection, Watch& watch, Place place,
                   worker::BackfillDefinition what, bool by_callback, const worker::Call& where)
    : connection_(connection), watch_(watch), place_(std::move(place)),
      job_{std::move(what),    where, by_callback, {}, nullptr, place_.history, {}, place_.run,
           place_.lock_timeout},
      throttle_(connection, job_, place_.remark) {
    check(job_.what, by_callback, where);
    job_.table = find_table(connection, job_.what, where);
    choose_walk();
    if (const auto column = filled_column(job_.what.set, job_.what.where))
        job_.settles = keeps_what_is_set(connection, job_.table, *column, where);
    begin_or_resume();
}

Backfill::~Backfill() = default;

void Backfill::choose_walk() {
    if (!job_.table.key.empty()) {
        job_.walk = std::make_unique<KeyWalk>(job_.table);
        return;
    }
    const std::string no_key =
        fmt::format("the table {} has no primary key, and no other unique index on columns that are NOT NULL",
                    job_.table.quoted);
    if (job_.by_callback || !job_.what.sql.empty())
        refuse(no_key + ", so a batch cannot be told from the rest", "Give it one, or use .set.", job_.where);
    if (job_.what.where.empty())
        refuse(no_key + ", so it goes by pages, and a row that moves to another one would be changed twice",
               "Say in .where which rows need it, so that .set makes it false; or give the table a key.",
               job_.where);
    std::int64_t pages = 0;
    for (const Leaf& leaf : leaves_of(connection_, job_.table, job_.where))
        pages += leaf.pages;
    const std::int64_t rows_of_page = pages > 0 && job_.table.rows > 0 ? job_.table.rows / pages : 1;
    job_.walk = std::make_unique<PageWalk>(job_.table, connection_.server_version(),
                                           std::max<std::int64_t>(1, rows_of_page));
}

std::string Backfill::definition() const {
    const worker::BackfillDefinition& what = job_.what;
    std::string text = job_.by_callback   ? "a function of the migration on " + job_.table.quoted
                       : what.sql.empty() ? fmt::format("UPDATE {} SET {}", job_.table.quoted, what.set)
                                          : what.sql + " on " + job_.table.quoted;
    if (!what.where.empty())
        text += " WHERE " + what.where;
    return report::redact(text + ", " + job_.walk->described());
}

Outcome Backfill::ask(const std::string& sql) {
    return patiently([&] { return connection_.script(sql); }, job_.where);
}

void Backfill::check_statement() {
    const worker::BackfillDefinition& what = job_.what;
    worker::Call call = job_.where;
    call.sql = what.sql.empty()
                   ? fmt::format("UPDATE {} AS {} SET {}{}", job_.table.quoted, job_.table.name, what.set,
                                 what.where.empty() ? "" : fmt::format("\nWHERE ({}\n)", what.where))
                   : job_.keys()->with_nulls(what.sql);
    if (!can_be_explained(call.sql))
        return;
    // With values, if none, so that a second statement in it is refused, and not run.
    constexpr std::string_view prefix = "EXPLAIN ";
    const database::Statement question{std::string(prefix) + call.sql, {}};
    std::ignore = patiently(
        [&] {
            Outcome outcome = connection_.pipeline({&question, 1});
            if (outcome.error && outcome.error->position > prefix.size())
                outcome.error->position -= prefix.size();
            if (outcome.error && what.set.empty() && outcome.error->sqlstate == "42601" &&
                outcome.error->position == 0) // several statements: those are read when they are run
                outcome.error.reset();
            return outcome;
        },
        call);
}

Outcome Backfill::patiently(const std::function<Outcome()>& send, const worker::Call& call) {
    for (unsigned failed = 1;; ++failed) {
        process::check_interrupt();
        Outcome outcome = send();
        if (!outcome.error)
            return outcome;
        process::check_interrupt();
        if (connection_.transaction_status() != database::TransactionStatus::idle)
            std::ignore = connection_.script("ROLLBACK");
        if (!is_about_locks(outcome.error->sqlstate) || failed == most_attempts)
            throw worker::CallError(failure_of(*outcome.error, call));
        process::sleep(jittered_pause(failed, failed));
    }
}

void Backfill::history(const std::string& sql) {
    std::ignore = ask(with_own_rights(sql));
}

void Backfill::begin_or_resume() {
    const std::string& version = place_.version;
    const std::string& name = job_.what.name;
    // Waits for a batch of an earlier run that is under way still, and reads what it has left behind.
    history(place_.history.take_over(connection_, version, name, place_.run));
    std::optional<history::Backfill> earlier;
    try {
        earlier = place_.history.find(connection_, version, name);
    } catch (const database::StatementError& error) {
        throw worker::CallError(failure_of(error.said(), job_.where));
    }
    const std::string wanted = definition();
    if (earlier && earlier->definition != wanted)
        refuse(fmt::format("the backfill \"{}\" was begun as another one", name),
               fmt::format("Begun: {}. Now: {}. Give this one a .name of its own, or let the other one end "
                           "first.",
                           report::harmless(earlier->definition), report::harmless(wanted)),
               job_.where);
    // What is done may have led to a table on which it cannot be done again.
    if (!job_.by_callback && (!earlier || earlier->state != "finished"))
        check_statement();
    if (!earlier) {
        job_.record.version = version;
        job_.record.name = name;
        job_.record.definition = wanted;
        job_.record.state = "running";
        job_.record.total = job_.table.rows;
        plan_parts();
        history(place_.history.begin(connection_, job_.record, place_.run));
        return;
    }
    job_.record = std::move(*earlier);
    was_finished_ = job_.record.state == "finished";
    rows_before_ = job_.record.rows;
    for (const BackfillPart& part : job_.record.parts)
        rows_before_ -= part.rows; // those are counted with their part
    walked_before_ = job_.record.walked;
    if (!was_finished_)
        place_.remark(fmt::format("backfill \"{}\" goes on behind {} that an earlier run has changed",
                                  report::harmless(name),
                                  report::counted(static_cast<std::size_t>(job_.record.rows), "row")));
}

std::vector<Position> Backfill::stretches(unsigned parts) {
    std::vector<Position> bounds;
    if (parts <= 1)
        return bounds;
    const Outcome outcome = ask(job_.keys()->bounds(parts));
    const database::Result& keys = outcome.results.back();
    for (std::size_t row = 0; row < keys.rows(); ++row) {
        Position& bound = bounds.emplace_back();
        for (std::size_t i = 0; i < keys.columns(); ++i)
            bound.emplace_back(keys.text(row, i));
    }
    return bounds;
}

void Backfill::plan_parts() {
    std::vector<BackfillPart>& parts = job_.record.parts;
    parts.clear();
    const unsigned wanted = job_.what.workers > 1 ? job_.what.workers * parts_of_worker : 1;
    const auto add = [&](const std::string& relation, Position from, Position last) {
        BackfillPart part;
        part.number = static_cast<int>(parts.size() + 1);
        part.relation = relation;
        part.position = std::move(from);
        part.last = std::move(last);
        parts.push_back(std::move(part));
    };
    if (job_.keys() == nullptr) {
        for (const Leaf& leaf : leaves_of(connection_, job_.table, job_.where)) {
            const std::int64_t stretch = std::max<std::int64_t>(1, (leaf.pages + wanted - 1) / wanted);
            for (std::int64_t page = 0; page < leaf.pages; page += stretch)
                add(leaf.quoted, page == 0 ? Position{} : Position{std::to_string(page)},
                    {std::to_string(std::min(page + stretch, leaf.pages))});
        }
        return;
    }
    const std::vector<Position> bounds = stretches(wanted);
    const Outcome outcome = ask(job_.keys()->last());
    const database::Result& key = outcome.results.back();
    if (key.rows() == 0)
        return;
    Position last;
    for (std::size_t i = 0; i < key.columns(); ++i)
        last.emplace_back(key.text(0, i));
    Position from;
    for (const Position& bound : bounds) {
        if (bound == last)
            break;
        add(job_.table.quoted, from, bound);
        from = bound;
    }
    add(job_.table.quoted, from, last);
}

PartWalk::Surroundings Backfill::surroundings() {
    return {[this](const std::string& state, const std::string& by) { let_others_go_first(state, by); },
            [this](const BackfillPart& part, std::int64_t size) { note(part, size); },
            [](milliseconds time) { process::sleep(time); },
            [this] {
                const std::vector<std::string> blockers = watch_.last_statement().blockers;
                return blockers.empty() ? std::string() : blockers.front();
            }};
}

void Backfill::run() {
    if (was_finished_)
        return;
    let_others_go_first(job_.record.state, job_.record.paused_by);
    for (;;) {
        run_pass();
        if (!needs_another_pass())
            return;
        ++job_.record.pass;
        rows_before_ = rows();
        plan_parts();
        history(place_.history.begin_pass(connection_, job_.record, place_.run));
        walked_before_ = 0;
        begun_ = steady_clock::now();
    }
}

void Backfill::run_pass() {
    Team& team = team_.emplace(job_, job_.record.parts);
    if (job_.what.workers > 1)
        team.start(job_.what.workers - 1, connection_);
    team.work(connection_, surroundings());
    // The others may be at their last part still.
    while (!team.wait_for_all(milliseconds(500))) {
        const Outcome state = ask(with_own_rights(place_.history.ask_state(connection_, job_.record)));
        const database::Result& answer = state.results.at(4);
        let_others_go_first(std::string(answer.text(0, 0)), std::string(answer.text(0, 1)));
        tell("");
    }
    job_.record.parts = team.parts();
    team_.reset();
}

bool Backfill::needs_another_pass() {
    if (!job_.looks_again())
        return false;
    if (std::any_of(job_.record.parts.begin(), job_.record.parts.end(),
                    [](const BackfillPart& part) { return part.unsettled; }))
        return false; // .set does not make .where false: which rows were missed cannot be told
    // Counted, which PostgreSQL may do with parallel workers: mostly there are none, and for one that it
    // expects to find at once it would not start them.
    const Outcome left = ask(fmt::format("SELECT pg_catalog.count(*) FROM {} AS {} WHERE ({}\n)",
                                         job_.table.quoted, job_.table.name, job_.what.where));
    if (left.results.back().text(0, 0) == "0")
        return false;
    if (job_.record.pass >= most_passes)
        refuse(
            fmt::format("after {} passes there are still rows for which .where is true: others write them as "
                        "fast as they are changed",
                        job_.record.pass),
            "Let the application write them right first, by a default or a trigger; then run dibs again.",
            job_.where);
    return true;
}

std::optional<worker::Batch> Backfill::next() {
    if (was_finished_)
        return std::nullopt;
    for (; part_ < job_.record.parts.size(); ++part_, walking_.reset()) {
        if (!walking_) {
            let_others_go_first(job_.record.state, job_.record.paused_by);
            walking_ =
                std::make_unique<PartWalk>(connection_, job_, job_.record.parts[part_], surroundings());
        }
        if (std::optional<worker::Batch> batch = walking_->begin()) {
            in_batch_ = true;
            return batch;
        }
    }
    return std::nullopt;
}

bool Backfill::commit(std::int64_t rows) {
    in_batch_ = false;
    return walking_->commit(rows);
}

bool Backfill::roll_back(const std::string& sqlstate) {
    in_batch_ = false;
    return walking_->roll_back(sqlstate);
}

std::uint64_t Backfill::finish() {
    if (was_finished_) {
        place_.remark(fmt::format("backfill \"{}\" was finished by an earlier run: {}",
                                  report::harmless(job_.what.name),
                                  report::counted(static_cast<std::size_t>(job_.record.rows), "row")));
        return static_cast<std::uint64_t>(job_.record.rows);
    }
    history(place_.history.finish(connection_, job_.record));
    tell("", true);
    return static_cast<std::uint64_t>(rows());
}

std::int64_t Backfill::rows() const {
    const std::vector<BackfillPart>& parts = job_.record.parts;
    return std::accumulate(parts.begin(), parts.end(), rows_before_,
                           [](std::int64_t sum, const BackfillPart& part) { return sum + part.rows; });
}

void Backfill::let_others_go_first(std::string state, std::string paused_by) {
    for (;;) {
        const std::string reason = state == "paused"
                                       ? fmt::format("paused by {}; `dibs backfill resume {}` lets it go on",
                                                     paused_by, report::harmless(job_.what.name))
                                       : throttle_.reason();
        if (reason != waits_) {
            // Seconds in it change all the time; whoever asks sees when it began.
            if (reason.empty() || waits_.empty() || state == "paused")
                history(place_.history.note_waiting(connection_, job_.record, reason));
            if (waits_.empty() && state == "paused")
                place_.remark("backfill " + reason);
            waits_ = reason;
        }
        if (team_) {
            team_->check();
            team_->hold(!reason.empty());
        }
        if (reason.empty())
            return;
        tell(reason);
        process::sleep(milliseconds(500));
        const Outcome asked = ask(with_own_rights(place_.history.ask_state(connection_, job_.record)));
        const database::Result& answer = asked.results.at(4);
        state = answer.text(0, 0);
        paused_by = answer.text(0, 1);
    }
}

void Backfill::note(const BackfillPart& part, std::int64_t batch_size) {
    if (team_)
        team_->note(part);
    else
        job_.record.parts.at(static_cast<std::size_t>(part.number - 1)) = part;
    batch_size_ = batch_size;
    tell("");
}

void Backfill::tell(const std::string& waits, bool finished) {
    report::BackfillProgress progress;
    progress.name = job_.what.name;
    progress.table = job_.table.quoted;
    progress.rows = rows_before_;
    std::int64_t walked = 0;
    for (const BackfillPart& part : team_ ? team_->parts() : job_.record.parts) {
        progress.rows += part.rows;
        walked += part.walked;
    }
    history::Backfill now = job_.record;
    now.walked = walked;
    now.state = finished ? "finished" : "running";
    progress.percent = now.percent();
    const double seconds = std::chrono::duration<double>(steady_clock::now() - begun_).count();
    progress.rows_per_second = static_cast<double>(walked - walked_before_) / std::max(seconds, 0.001);
    progress.batch_size = batch_size_;
    if (now.total > walked && progress.rows_per_second > 0)
        progress.left_s =
            static_cast<std::int64_t>(static_cast<double>(now.total - walked) / progress.rows_per_second);
    progress.pass = job_.record.pass;
    progress.waits = waits;
    progress.finished = finished;
    place_.progress(progress);
}

} // namespace dibs::migration
