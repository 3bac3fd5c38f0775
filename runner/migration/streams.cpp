#include "migration/streams.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "migration/query_words.hpp"
#include "migration/result_table.hpp"

namespace dibs::migration {

using worker::Call;
using worker::CallError;
using worker::CallFailure;

namespace {

constexpr std::size_t wanted_bytes = 1 << 20;
constexpr std::size_t most_rows = 10'000;
constexpr std::size_t growth = 16;

std::string cursor_name(std::uint64_t stream) {
    return fmt::format("dibs_stream_{}", stream);
}

/// Of the widest row, as it lies in a Table.
std::size_t width(const worker::Table& batch) {
    const std::size_t columns = batch.columns.size();
    std::size_t widest = 1;
    for (std::size_t row = 0; columns > 0 && row < batch.rows(); ++row) {
        std::size_t bytes = 0;
        for (std::size_t column = 0; column < columns; ++column) {
            const worker::Table::Cell& cell = batch.cells[row * columns + column];
            bytes += sizeof cell + (cell.size == worker::Table::Cell::null ? 0 : cell.size);
        }
        widest = std::max(widest, bytes);
    }
    return widest;
}

[[noreturn]] void refuse_statement(const Call& call) {
    const std::string word = first_word(call.sql);
    CallFailure failure;
    failure.message = fmt::format("stream() was given what is no query ({})",
                                  word.empty() ? "it does not begin with a word" : word);
    failure.hint =
        "It takes SELECT, VALUES, TABLE or WITH. What INSERT, UPDATE or DELETE give with RETURNING "
        "comes from query(), all in memory.";
    failure.sql = call.sql;
    failure.file = call.file;
    failure.line = call.line;
    throw CallError(std::move(failure));
}

/// Adds what is to be known of cursors.
void explain(CallFailure& failure, bool hold) {
    std::string hint;
    if (failure.sqlstate == "34000") // invalid_cursor_name
        hint = "A stream ends with the transaction, or the savepoint, that it was opened in.";
    else if (failure.sqlstate == "0A000" && first_word(failure.sql) == "WITH") // feature_not_supported
        hint = "A query that changes data cannot be streamed: use query(), whose rows are all in memory.";
    else if (failure.sqlstate == "0A000" && hold)
        hint = "Outside of a transaction the server runs the query to its end before the first row. Open the "
               "stream between execute(\"BEGIN\") and execute(\"COMMIT\"), or leave FOR UPDATE out.";
    if (!hint.empty())
        failure.hint += (failure.hint.empty() ? "" : " ") + hint;
}

} // namespace

void BatchSize::learn(const worker::Table& batch) {
    rows_ = std::clamp<std::size_t>(wanted_bytes / width(batch), 1, std::min(rows_ * growth, most_rows));
}

std::uint64_t Streams::open(const Call& call, bool hold) {
    if (!is_query(call.sql))
        refuse_statement(call);
    const std::uint64_t stream = ++last_;
    const std::string prefix = fmt::format("DECLARE {} NO SCROLL CURSOR {} HOLD FOR ", cursor_name(stream),
                                           hold ? "WITH" : "WITHOUT");
    try {
        send_(call, prefix + call.sql, prefix.size());
    } catch (const CallError& error) {
        CallFailure failure = error.failure();
        explain(failure, hold);
        throw CallError(std::move(failure));
    }
    Stream& opened = open_[stream];
    opened.call = call;
    opened.call.values.clear();
    return stream;
}

Streams::Stream& Streams::find(std::uint64_t stream) {
    const auto found = open_.find(stream);
    if (found == open_.end()) {
        CallFailure failure;
        failure.message = "the stream is not open any more";
        failure.hint = "It ends with its last row, and with the migration.";
        throw CallError(std::move(failure));
    }
    return found->second;
}

worker::FetchedRows Streams::fetch(std::uint64_t stream) {
    Stream& from = find(stream);
    const std::size_t asked = from.size.rows();
    worker::FetchedRows batch;
    try {
        const auto result = send_(
            from.call, fmt::format("FETCH FORWARD {} FROM {}", asked, cursor_name(stream)), std::nullopt);
        batch.rows = table_of(result.value());
    } catch (const CallError& error) {
        CallFailure failure = error.failure();
        explain(failure, false);
        throw CallError(std::move(failure));
    }
    from.size.learn(batch.rows);
    batch.last = batch.rows.rows() < asked;
    if (batch.last)
        close(stream, false);
    return batch;
}

void Streams::close(std::uint64_t stream, bool failed) {
    const Call call = find(stream).call;
    open_.erase(stream);
    if (failed) // the end of the transaction closes it, or what is done before the next migration
        return;
    const std::string name = cursor_name(stream);
    // The end of a savepoint or of a transaction may have closed it, and to close it then were an error,
    // which would end the transaction.
    const auto there = send_(
        call, fmt::format("SELECT FROM pg_catalog.pg_cursors WHERE name OPERATOR(pg_catalog.=) '{}'", name),
        std::nullopt);
    if (there && there->rows() > 0)
        send_(call, "CLOSE " + name, std::nullopt);
}

} // namespace dibs::migration
