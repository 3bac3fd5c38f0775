#include "migration/copies.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dibs::migration {

using database::Result;
using database::TransactionStatus;
using worker::Call;
using worker::CallError;
using worker::CallFailure;

namespace {

/// While this lives, COPY ... FROM STDIN on the connection reads these rows.
class Feeding {
  public:
    Feeding(database::Connection& connection, std::string_view rows) : connection_(connection) {
        connection.feed(rows);
    }
    Feeding(const Feeding&) = delete;
    Feeding& operator=(const Feeding&) = delete;
    ~Feeding() { connection_.feed(std::nullopt); }

  private:
    database::Connection& connection_;
};

[[noreturn]] void fail(const Call& call, std::string message, std::string hint) {
    CallFailure failure;
    failure.message = std::move(message);
    failure.hint = std::move(hint);
    failure.sql = call.sql;
    failure.file = call.file;
    failure.line = call.line;
    throw CallError(std::move(failure));
}

std::string copy_statement(const database::Connection& connection, const worker::CopyTarget& target) {
    std::vector<std::string> columns;
    for (const std::string& column : target.columns)
        columns.push_back(connection.quote_identifier(column));
    const std::string schema = target.schema.empty() ? "" : connection.quote_identifier(target.schema) + ".";
    return fmt::format("COPY {}{} ({}) FROM STDIN", schema, connection.quote_identifier(target.table),
                       fmt::join(columns, ", "));
}

} // namespace

std::string with_line_of_all(std::string context, std::string_view table, std::uint64_t rows_before) {
    // The server may say it in any language, but with the name before the number (copyfrom.c).
    const std::size_t name = context.rfind(fmt::format("COPY {}", table));
    if (rows_before == 0 || name == std::string::npos)
        return context;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const char* const all_end = context.data() + context.size();
    const char* const behind_name = context.data() + name + std::string_view("COPY ").size() + table.size();
    const char* const begin = std::find_if(behind_name, all_end, is_digit);
    const char* const end = std::find_if_not(begin, all_end, is_digit);
    std::uint64_t line = 0;
    if (std::from_chars(begin, end, line).ec == std::errc{})
        context.replace(static_cast<std::size_t>(begin - context.data()),
                        static_cast<std::size_t>(end - begin), std::to_string(rows_before + line));
    return context;
}

Copies::Copy& Copies::innermost() {
    if (running_.empty())
        fail({}, "no copy_in() has begun", "");
    return running_.back();
}

std::optional<Result> Copies::send(const Copy& copy, std::string_view sql) {
    return send_({std::string(sql), {}, copy.call.file, copy.call.line});
}

void Copies::begin(const worker::CopyTarget& target, const Call& where, bool own) {
    Copy copy{where, target.table, own, 0};
    copy.call.sql = copy_statement(connection_, target);
    send(copy, own ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE" : "SAVEPOINT dibs_copy");
    running_.push_back(std::move(copy));
}

std::uint64_t Copies::copy(const std::string& rows, std::uint64_t count) {
    Copy& copy = innermost();
    if (copy.own && connection_.transaction_status() == TransactionStatus::idle)
        fail(copy.call, "what gives copy_in() its rows has ended its transaction",
             "Leave BEGIN, COMMIT and ROLLBACK out of it.");
    const std::uint64_t before = copy.rows;
    copy.rows += count;
    try {
        const Feeding feeding(connection_, rows);
        const auto result = send_(copy.call);
        return result ? result->rows_affected() : 0;
    } catch (const CallError& error) {
        CallFailure failure = error.failure();
        failure.context = with_line_of_all(std::move(failure.context), copy.table, before);
        throw CallError(std::move(failure));
    }
}

void Copies::end(bool done) {
    const Copy copy = innermost();
    running_.pop_back();
    if (done)
        keep(copy);
    else
        undo(copy);
}

void Copies::keep(const Copy& copy) {
    try {
        const auto result = send(copy, copy.own ? "COMMIT" : "RELEASE SAVEPOINT dibs_copy");
        if (copy.own && (!result || result->tag() != "COMMIT")) // of a failed transaction it is ROLLBACK
            fail(copy.call,
                 "the transaction of copy_in() could not be committed: a statement in it has failed",
                 "Let the error of what gives the rows out.");
    } catch (const CallError&) {
        undo(copy);
        throw;
    }
}

void Copies::undo(const Copy& copy) {
    if (connection_.transaction_status() == TransactionStatus::idle)
        return;
    std::ignore =
        send(copy, copy.own ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT dibs_copy; RELEASE SAVEPOINT dibs_copy");
}

} // namespace dibs::migration
