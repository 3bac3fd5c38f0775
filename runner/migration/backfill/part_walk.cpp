#include "migration/backfill/part_walk.hpp"

#include <algorithm>
#include <cctype>
#include <tuple>

#include <fmt/format.h>

#include "migration/backfill/refuse.hpp"
#include "migration/hints.hpp"
#include "process/interrupt.hpp"
#include "report/text.hpp"

namespace dibs::migration {
namespace {

using database::Message;
using database::Outcome;
using database::TransactionStatus;
using history::BackfillPart;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool is_of_a_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (c & '\x80') != 0;
}

/// Whether the SQL may assign to a column of the key: what does not name one cannot.
bool may_change_key(const BackfillTable& table, const std::string& set) {
    const std::string text = lower(set);
    if (text.find("u&\"") != std::string::npos) // a name in escapes
        return !table.key.empty();
    return std::any_of(table.key.begin(), table.key.end(), [&](const KeyColumn& column) {
        const bool in_quotes = column.quoted.front() == '"';
        const std::string name =
            lower(in_quotes ? column.quoted.substr(1, column.quoted.size() - 2) : column.quoted);
        for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1))
            if ((at == 0 || !is_of_a_name(text[at - 1])) &&
                (at + name.size() == text.size() || !is_of_a_name(text[at + name.size()])))
                return true;
        return false;
    });
}

} // namespace

milliseconds jittered_pause(unsigned failed, std::uint_fast32_t chance) {
    const unsigned doublings = std::min(failed - 1, 5U);
    const auto longest = milliseconds(50) * (1U << doublings);
    return longest / 2 + milliseconds(chance % static_cast<std::uint_fast32_t>(longest.count() / 2));
}

bool may_be_repeated(std::string_view sqlstate) {
    return sqlstate == "55P03" || // lock_not_available
           sqlstate == "40P01" || // deadlock_detected
           sqlstate == "40001" || // serialization_failure
           sqlstate == "57014";   // query_canceled: a statement_timeout, where no signal came
}

PartWalk::PartWalk(database::Connection& connection, const BackfillJob& job, BackfillPart part,
                   Surroundings surroundings)
    : connection_(connection), job_(job), part_(std::move(part)), surroundings_(std::move(surroundings)),
      pace_(job.what.batch_size, milliseconds(job.what.batch_time_ms), job.what.workers > 1),
      may_move_(may_change_key(job.table, job.what.set)),
      counts_((job.looks_again() && !job.settles) || may_move_) {
    pace_.resume(part_.batch_size);
}

std::string PartWalk::opening() const {
    return fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = {}; ",
                       job_.lock_timeout.count());
}

void PartWalk::take_range(const database::Result& probed, std::int64_t rows) {
    Range range;
    range.rows = rows;
    range.ends = probed.rows() == 0;
    for (std::size_t i = 0; i < probed.columns() && !range.ends; ++i)
        range.to.emplace_back(probed.text(0, i));
    if (range.ends || range.to == part_.last) {
        range.ends = true;
        range.to = part_.last;
    }
    range_ = std::move(range);
}

void PartWalk::find_range() {
    const std::int64_t rows = pace_.size();
    const Outcome outcome =
        ask(job_.walk->probe(connection_, part_.relation, part_.position, part_.last, rows));
    take_range(outcome.results.back(), rows);
}

Outcome PartWalk::ask(const std::string& sql) {
    for (;;) {
        process::check_interrupt();
        Outcome outcome = connection_.script(sql);
        if (!outcome.error)
            return outcome;
        pause_after(*outcome.error, "");
    }
}

std::string PartWalk::statement() {
    const worker::BackfillDefinition& what = job_.what;
    if (!what.sql.empty()) {
        const KeyWalk& keys = *job_.keys();
        const Outcome outcome = ask(keys.first(connection_, part_.position));
        if (outcome.results.back().rows() == 0)
            return "SELECT WHERE false"; // what was there has been deleted
        Position first;
        for (std::size_t i = 0; i < outcome.results.back().columns(); ++i)
            first.emplace_back(outcome.results.back().text(0, i));
        return keys.with_bounds(connection_, what.sql, first, range_->to);
    }
    // A comment may end the author's SQL, but not what is behind it.
    const std::string update = fmt::format(
        "UPDATE {}{} AS {} SET {}\n WHERE {}{}", job_.keys() == nullptr ? "ONLY " : "", part_.relation,
        job_.table.name, what.set, job_.walk->condition(connection_, part_.position, range_->to),
        what.where.empty() ? "" : fmt::format(" AND ({}\n)", what.where));
    if (!counts_)
        return update;
    return fmt::format(
        "WITH changed AS ({} RETURNING ({}\n) AS holds, {} AS stays) SELECT pg_catalog.count(*), "
        "pg_catalog.count(*) FILTER (WHERE holds), pg_catalog.count(*) FILTER (WHERE NOT stays) "
        "FROM changed",
        update, what.where.empty() ? "false" : what.where,
        !may_move_ ? "true" : job_.walk->condition(connection_, part_.position, range_->to));
}

PartWalk::Written PartWalk::write(const std::string& sql) {
    const std::string before = opening();
    Outcome outcome = connection_.script(before + sql);
    Written written;
    if (outcome.error) {
        written.error = std::move(outcome.error);
        if (const std::size_t prefix = report::characters(before); written.error->position > prefix)
            written.error->position -= prefix;
        return written;
    }
    const database::Result& result = outcome.results.back();
    if (!counts_) {
        written.rows = static_cast<std::int64_t>(result.rows_affected());
        return written;
    }
    written.rows = std::stoll(std::string(result.text(0, 0)));
    written.unsettled = result.text(0, 1) != "0";
    if (result.text(0, 2) != "0")
        refuse(
            ".set changes the key by which the table is walked: a row that moves on could be changed twice",
            "Walk by the .key of a unique index on columns that .set leaves as they are.", job_.where);
    return written;
}

void PartWalk::refuse_unsettled(const Written& written) const {
    if (!written.unsettled || job_.keys() != nullptr)
        return;
    refuse("the rows that .set has changed still fit .where, and this table has no key: by its pages, a row "
           "could be changed twice",
           "Let .where leave out what is done, as in .set = \"bio = ''\", .where = \"bio IS NULL\"; or give "
           "the table a primary key.",
           job_.where);
}

std::optional<Message> PartWalk::record(std::int64_t rows, bool unsettled) {
    BackfillPart next = part_;
    next.position = range_->to;
    next.rows += rows;
    next.walked += range_->rows;
    ++next.batches;
    next.done = range_->ends;
    next.unsettled = next.unsettled || unsettled;
    pace_.took(range_->rows, duration_cast<microseconds>(steady_clock::now() - begun_));
    next.batch_size = pace_.size();
    const std::int64_t following = pace_.size();
    std::string sql = own_rights() + job_.history.advance(connection_, job_.record, next, job_.run) + "; " +
                      job_.history.ask_state(connection_, job_.record) + "; COMMIT";
    if (!next.done)
        sql += "; " + job_.walk->probe(connection_, next.relation, next.position, next.last, following);
    Outcome outcome = connection_.script(sql);
    constexpr std::size_t statements_before_commit = 5;
    if (outcome.error && outcome.results.size() <= statements_before_commit) {
        if (outcome.error->sqlstate == "22012" && outcome.results.size() == 3) // division_by_zero, by design
            refuse("another run has taken over this backfill, and goes on with it",
                   "`dibs status` tells what it has left to do.", job_.where);
        return outcome.error;
    }
    if (!outcome.error && outcome.results.at(statements_before_commit).tag() != "COMMIT")
        refuse("the batch could not be committed, because an error in it was caught", "Let the error out.",
               job_.where);
    part_ = std::move(next);
    range_.reset();
    failed_ = 0;
    if (!part_.done && !outcome.error)
        take_range(outcome.results.back(), following);
    surroundings_.moved_on(part_, pace_.size());
    surroundings_.between(std::string(outcome.results.at(4).text(0, 0)),
                          std::string(outcome.results.at(4).text(0, 1)));
    if (job_.what.pause_ms > 0)
        surroundings_.sleep(milliseconds(job_.what.pause_ms));
    return std::nullopt;
}

void PartWalk::undo() {
    if (connection_.transaction_status() != TransactionStatus::idle)
        std::ignore = connection_.script("ROLLBACK");
}

void PartWalk::wait_after(const Message& said, const std::string& sql) {
    // A first time it may have been chance; then fewer rows are less in the way, and take less time.
    if (failed_ > 0 && may_be_repeated(said.sqlstate) && pace_.split())
        range_.reset();
    pause_after(said, sql);
}

void PartWalk::pause_after(const Message& said, const std::string& sql) {
    process::check_interrupt();
    worker::Call call = job_.where;
    call.sql = sql;
    if (!may_be_repeated(said.sqlstate) || connection_.cancelled())
        throw worker::CallError(failure_of(said, call));
    if (++failed_ >= most_attempts) {
        worker::CallFailure failure = failure_of(said, call);
        const std::string blockers = surroundings_.blockers ? surroundings_.blockers() : "";
        failure.hint =
            fmt::format("It was tried {} times, with fewer and fewer rows{}{}. What is done before "
                        "stays: run dibs again when the table is less busy.",
                        failed_, blockers.empty() ? "" : "; in the way was ", blockers);
        throw worker::CallError(std::move(failure));
    }
    surroundings_.sleep(jittered_pause(failed_, random_()));
}

bool PartWalk::step() {
    while (!part_.done) {
        if (!range_)
            find_range();
        begun_ = steady_clock::now();
        const std::string sql = statement();
        const Written written = write(sql);
        if (written.error) {
            undo();
            wait_after(*written.error, sql);
            continue;
        }
        if (written.unsettled && job_.keys() == nullptr)
            undo();
        refuse_unsettled(written);
        const std::optional<Message> error = record(written.rows, written.unsettled);
        if (!error)
            return true;
        undo();
        wait_after(*error, sql);
    }
    return false;
}

std::optional<worker::Batch> PartWalk::begin() {
    if (part_.done)
        return std::nullopt;
    if (!range_)
        find_range();
    begun_ = steady_clock::now();
    std::ignore = connection_.script(opening()).or_throw();
    const std::string condition = job_.walk->condition(connection_, part_.position, range_->to);
    return worker::Batch{job_.table.quoted, job_.what.where.empty()
                                                ? condition
                                                : fmt::format("{} AND ({}\n)", condition, job_.what.where)};
}

bool PartWalk::commit(std::int64_t rows) {
    const std::optional<Message> error = record(rows, false);
    if (!error)
        return true;
    undo();
    wait_after(*error, "COMMIT");
    return false;
}

bool PartWalk::roll_back(const std::string& sqlstate) {
    undo();
    if (!may_be_repeated(sqlstate))
        return false;
    Message said;
    said.sqlstate = sqlstate;
    said.message = "the batch could not be done";
    wait_after(said, "");
    return true;
}

} // namespace dibs::migration
