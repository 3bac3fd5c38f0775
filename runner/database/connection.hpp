#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/cancel_request.hpp"
#include "database/error.hpp"
#include "database/result.hpp"

struct pg_conn; // libpq's

namespace dibs::database {

/// A value for $n: text of no declared type (the server infers it), bytes as bytea, nothing as NULL.
struct Value {
    std::optional<std::string> content;
    bool bytes = false;

    Value() = default;
    Value(std::string text) : content(std::move(text)) {}
    Value(std::string_view text) : content(text) {}
    Value(const char* text) : content(text) {}
    static Value bytea(std::string raw) {
        Value value(std::move(raw));
        value.bytes = true;
        return value;
    }
};

struct Statement {
    std::string sql; ///< one statement
    std::vector<Value> values;
};

/// What an exchange gave: the results of the statements that succeeded, in order, and the error that stopped
/// it.
struct Outcome {
    std::vector<Result> results;
    std::optional<Message> error;

    /// @throws StatementError when there is an error
    Outcome&& or_throw() &&;
};

/// libpq's own, as it was found at run time: 150020 is 15.20.
int client_version();

inline constexpr std::chrono::seconds default_patience{10};

/// After a connection that failed: whether another may succeed later, because there is no server yet, its
/// name cannot be resolved, or it is starting up. False once it lets clients in, so that it has refused this
/// one for what waiting does not mend (a wrong password, a missing database), and for parameters that libpq
/// refuses, or what it finds wrong about the server's certificate. Asks the server, without logging in.
[[nodiscard]] bool may_come_up(const std::string& conninfo, std::chrono::seconds patience);

enum class TransactionStatus { idle, open, failed, unknown };

/// One connection to one server, made safe: every function throws ConnectionLost when it breaks. For one
/// thread.
class Connection {
  public:
    /// @param conninfo all that libpq understands: a URL, key=value pairs, or empty for its defaults
    /// @param patience for each address to answer, two seconds at least, where neither conninfo nor
    ///        PGCONNECT_TIMEOUT nor a service says how long
    /// @throws report::Failure (unreachable) with libpq's reason; (usage) for a malformed conninfo
    Connection(const std::string& conninfo, std::string_view application_name,
               std::chrono::seconds patience = default_patience);

    /// Another connection to the very server that this one has found, by the same means. May be called from
    /// another thread while this one works.
    /// @param database another one of that server; empty: the same
    /// @throws report::Failure (unreachable)
    [[nodiscard]] Connection beside(std::string_view application_name,
                                    const std::string& database = {}) const;

    /// NAME=value: the PG* variables with which another program of libpq's gets where this one is. The
    /// password is among them, if it came with the connection string.
    [[nodiscard]] std::vector<std::string> environment() const;

    /// Sends SQL that may hold several statements, as one message (the simple protocol); one round trip.
    [[nodiscard]] Outcome script(const std::string& sql);
    /// Sends statements with their values as one message (a pipeline with one Sync); one round trip. After an
    /// error the later ones are not run.
    [[nodiscard]] Outcome pipeline(std::span<const Statement> statements);
    /// What COPY ... FROM STDIN in a script reads from now on, a view; nothing: it is refused.
    void feed(std::optional<std::string_view> rows) { copy_input_ = rows; }
    /// One statement. @throws StatementError
    Result query(Statement statement);

    [[nodiscard]] TransactionStatus transaction_status() const;
    [[nodiscard]] int server_version() const; ///< 150020 is 15.20
    [[nodiscard]] int backend_pid() const;    ///< as libpq was told at connect
    [[nodiscard]] std::size_t round_trips() const { return round_trips_; }
    /// Where it is connected to, without a password: "app on db.example:5432 as deploy".
    [[nodiscard]] std::string describe() const;
    [[nodiscard]] std::string database() const;
    [[nodiscard]] std::vector<std::string> passwords() const; ///< in use, for the redactor only

    /// The encoding of the text that is sent and comes: UTF8 from the start, but a migration may change it.
    /// Asks the server only where it is another one. @return the one before
    std::string set_client_encoding(const std::string& name = "UTF8");

    /// Whether a backslash in '...' escapes: standard_conforming_strings is off.
    [[nodiscard]] bool backslash_escapes() const;

    /// Whether this is the session's user by what the server last reported, which it does of each change. Not
    /// to be relied on through a pooler.
    [[nodiscard]] bool is_still(std::string_view session_user) const;

    /// When this descriptor becomes readable while a function waits, the statement that runs is cancelled on
    /// the server, again each second until it ends; the function goes on and tells how it ended. -1: never.
    /// @return the one before
    int cancel_on(int descriptor);
    /// Whether cancel_on() has done so.
    [[nodiscard]] bool cancelled() const { return cancelled_; }

    /// Called about once a second while a function waits for the server, on its thread. It must not use this
    /// connection, nor throw. An empty one: nothing is.
    void on_wait(std::function<void()> receiver) { wait_ = std::move(receiver); }

    /// To be called once, when the next message has been sent and while the server works on it. It must not
    /// use this connection, nor throw. An empty one: nothing is, though one had been given.
    void meanwhile(std::function<void()> work) { meanwhile_ = std::move(work); }

    /// What the server says besides results (NOTICE, WARNING). Called while another function waits.
    void on_notice(std::function<void(const Message&)> receiver);

    [[nodiscard]] std::string quote_identifier(std::string_view name) const;
    [[nodiscard]] std::string quote_literal(std::string_view text) const;

  private:
    Connection() = default;
    /// @param f called with libpq's description and the value of each parameter that is in use
    template <class F>
    void each_parameter(F f) const;
    /// @param expand_dbname the dbname may be a whole connection string
    void connect(const char* const* keywords, const char* const* values, bool expand_dbname);

    struct Finish {
        void operator()(pg_conn* connection) const noexcept;
    };

    void flush_and_wait();
    pg_result* next_result();
    Outcome collect(std::size_t syncs);
    Outcome answers(std::size_t syncs);
    void answer_copy(Outcome& outcome);
    [[noreturn]] void lost() const;
    [[nodiscard]] std::string taken(char* quoted) const; ///< frees what libpq made; null: it refused

    std::unique_ptr<pg_conn, Finish> handle_;
    std::unique_ptr<std::function<void(const Message&)>> notice_;
    std::function<void()> wait_;
    std::function<void()> meanwhile_;
    std::size_t round_trips_ = 0;
    int cancel_on_ = -1;
    bool cancelled_ = false;
    std::chrono::steady_clock::time_point cancel_again_; ///< while cancelled_, in this exchange
    bool cancelling_ = false;                            ///< this exchange is to be cancelled
    CancelRequest cancel_request_;
    std::optional<std::string_view> copy_input_;
};

} // namespace dibs::database
