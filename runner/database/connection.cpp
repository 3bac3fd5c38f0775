#include "database/connection.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "database/libpq_message.hpp"
#include "database/parameters.hpp"
#include "report/failure.hpp"

namespace dibs::database {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Oid bytea_type = 17; // pg_type.dat
constexpr std::chrono::seconds interval(1);

Message copy_refused() {
    Message said;
    said.severity = "ERROR";
    said.message = "COPY with STDIN or STDOUT cannot go through execute() or query()";
    said.hint = "Use INSERT with parameters, or COPY from and to a file on the server.";
    return said;
}

} // namespace

Outcome&& Outcome::or_throw() && {
    if (error)
        throw StatementError(*std::move(error));
    return std::move(*this);
}

void Connection::Finish::operator()(pg_conn* connection) const noexcept {
    PQfinish(connection);
}

Connection::Connection(const std::string& conninfo, std::string_view application_name,
                       std::chrono::seconds patience) {
    const Parameters parameters(conninfo, application_name, patience);
    connect(parameters.keywords(), parameters.values(), true);
}

template <class F>
void Connection::each_parameter(F f) const {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfo(handle_.get()),
                                                                               &PQconninfoFree);
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr;
         ++option) {
        const std::string_view keyword = option->keyword;
        const char* value = option->val;
        if (keyword == "host") // of several, the one that answered
            value = PQhost(handle_.get());
        else if (keyword == "hostaddr")
            value = value == nullptr ? nullptr : PQhostaddr(handle_.get());
        else if (keyword == "port")
            value = PQport(handle_.get());
        if (value != nullptr)
            f(*option, value);
    }
}

Connection Connection::beside(std::string_view application_name, const std::string& database) const {
    std::map<std::string, std::string> parameters;
    each_parameter([&](const PQconninfoOption& option, const char* value) {
        parameters.emplace(option.keyword, value);
    });
    parameters["application_name"] = application_name;
    if (!database.empty())
        parameters["dbname"] = database;
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    for (const auto& [keyword, value] : parameters) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    Connection other;
    other.connect(keywords.data(), values.data(), false);
    return other;
}

std::vector<std::string> Connection::environment() const {
    std::vector<std::string> variables;
    each_parameter([&](const PQconninfoOption& option, const char* value) {
        if (option.envvar != nullptr && std::string_view(option.keyword) != "service") // it is resolved
            variables.push_back(std::string(option.envvar) + "=" + value);
    });
    return variables;
}

void Connection::connect(const char* const* keywords, const char* const* values, bool expand_dbname) {
    // Without a hook OpenSSL asks for the passphrase of an encrypted key, and waits for standard input;
    // libpq's default hook knows sslpassword alone.
    if (PQgetSSLKeyPassHook_OpenSSL() == nullptr)
        PQsetSSLKeyPassHook_OpenSSL(&PQdefaultSSLKeyPassHook_OpenSSL);
    handle_.reset(PQconnectdbParams(keywords, values, expand_dbname ? 1 : 0));
    if (!handle_ || PQstatus(handle_.get()) != CONNECTION_OK) {
        const std::string reason = handle_ ? trimmed(PQerrorMessage(handle_.get())) : "out of memory";
        std::string hint =
            "Check --database-url, DATABASE_URL, the PG* variables, or `database:` in dibs.yaml, and "
            "that the server is running and lets you in.";
        if (reason.find("could not load private key") != std::string::npos)
            hint += " A key with a passphrase needs sslpassword in the connection string: dibs does not ask "
                    "for it.";
        throw report::Failure(report::ExitCode::unreachable, "cannot connect to the database: " + reason,
                              std::move(hint));
    }
    PQsetnonblocking(handle_.get(),
                     1); // else a long pipeline and a server that answers early wait for each other
    on_notice([](const Message&) {});
}

void Connection::on_notice(std::function<void(const Message&)> receiver) {
    notice_ = std::make_unique<std::function<void(const Message&)>>(std::move(receiver));
    PQsetNoticeReceiver(
        handle_.get(),
        [](void* state, const PGresult* result) {
            (*static_cast<std::function<void(const Message&)>*>(state))(message_of(result));
        },
        notice_.get());
}

void Connection::lost() const {
    throw ConnectionLost(trimmed(PQerrorMessage(handle_.get())));
}

int Connection::cancel_on(int descriptor) {
    if (descriptor >= 0)
        cancelled_ = false;
    return std::exchange(cancel_on_, descriptor);
}

void Connection::flush_and_wait() {
    Clock::time_point next = wait_ ? Clock::now() + interval : Clock::time_point();
    for (;;) {
        const int unsent = PQflush(handle_.get());
        if (unsent < 0)
            lost();
        if (unsent == 0 && meanwhile_)
            std::exchange(meanwhile_, {})();
        if (unsent == 0 && PQisBusy(handle_.get()) == 0)
            return;
        std::array<pollfd, 2> ends{
            {{PQsocket(handle_.get()), static_cast<short>(POLLIN | (unsent == 1 ? POLLOUT : 0)), 0},
             {cancel_on_, POLLIN, 0}}}; // poll() passes over -1
        const int patience =
            wait_ || cancelling_ ? static_cast<int>(std::chrono::milliseconds(interval).count()) : -1;
        if (poll(ends.data(), ends.size(), patience) < 0) {
            if (errno == EINTR)
                continue;
            lost();
        }
        if (wait_ && Clock::now() >= next) {
            wait_();
            next = Clock::now() + interval;
        }
        if (ends[1].revents != 0) {
            cancel_on_ = -1;
            cancelled_ = true;
            cancelling_ = true;
            cancel_again_ = Clock::time_point();
        }
        // The server forgets a request that comes before the statement, and a statement may catch its error.
        if (cancelling_ && Clock::now() >= cancel_again_) {
            cancel_request_.send(handle_.get());
            cancel_again_ = Clock::now() + interval;
        }
        const pollfd& socket = ends[0];
        if ((socket.revents & ~POLLOUT) != 0 && PQconsumeInput(handle_.get()) == 0)
            lost();
    }
}

pg_result* Connection::next_result() {
    flush_and_wait();
    return PQgetResult(handle_.get());
}

void Connection::answer_copy(Outcome& outcome) {
    if (!copy_input_) {
        PQputCopyEnd(handle_.get(), "refused by dibs");
        if (!outcome.error)
            outcome.error = copy_refused();
        return;
    }
    ++round_trips_;
    // What the server does not take at once libpq keeps, so it gets only as much as that may be.
    constexpr std::size_t piece = 1 << 16;
    for (std::string_view left = *copy_input_; !left.empty();
         left.remove_prefix(std::min(piece, left.size()))) {
        if (PQputCopyData(handle_.get(), left.data(), static_cast<int>(std::min(piece, left.size()))) != 1)
            lost();
        flush_and_wait();
    }
    if (PQputCopyEnd(handle_.get(), nullptr) != 1)
        lost();
}

Outcome Connection::collect(std::size_t syncs) {
    Outcome outcome = answers(syncs);
    if (std::exchange(cancelling_, false))
        cancel_request_.settle(interval);
    return outcome;
}

Outcome Connection::answers(std::size_t syncs) {
    ++round_trips_;
    Outcome outcome;
    for (;;) {
        PGresult* const result = next_result();
        if (result == nullptr) {
            if (PQstatus(handle_.get()) != CONNECTION_OK)
                lost();
            if (syncs == 0)
                break;
            continue; // in a pipeline a null pointer only separates the statements
        }
        Result owned(result);
        switch (PQresultStatus(result)) {
        case PGRES_PIPELINE_SYNC:
            if (--syncs == 0)
                return outcome;
            break;
        case PGRES_PIPELINE_ABORTED:
            break;
        case PGRES_COPY_IN:
            answer_copy(outcome);
            break;
        case PGRES_COPY_OUT:
        case PGRES_COPY_BOTH: {
            if (!outcome.error)
                outcome.error = copy_refused();
            char* row = nullptr;
            while (PQgetCopyData(handle_.get(), &row, 0) > 0)
                PQfreemem(row);
            break;
        }
        case PGRES_BAD_RESPONSE:
        case PGRES_NONFATAL_ERROR:
        case PGRES_FATAL_ERROR:
            if (PQstatus(handle_.get()) != CONNECTION_OK) {
                const Message said = message_of(result);
                throw ConnectionLost(said.message);
            }
            if (!outcome.error)
                outcome.error = message_of(result);
            break;
        default:
            if (!outcome.error)
                outcome.results.push_back(std::move(owned));
        }
    }
    return outcome;
}

Outcome Connection::script(const std::string& sql) {
    if (PQsendQuery(handle_.get(), sql.c_str()) == 0)
        lost();
    return collect(0);
}

Outcome Connection::pipeline(std::span<const Statement> statements) {
    if (PQenterPipelineMode(handle_.get()) == 0)
        lost();
    std::vector<Oid> types;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const Statement& statement : statements) {
        types.clear();
        values.clear();
        lengths.clear();
        formats.clear();
        for (const Value& value : statement.values) {
            types.push_back(value.bytes ? bytea_type : 0);
            values.push_back(value.content ? value.content->data() : nullptr);
            lengths.push_back(value.content ? static_cast<int>(value.content->size()) : 0);
            formats.push_back(value.bytes ? 1 : 0);
        }
        if (PQsendQueryParams(handle_.get(), statement.sql.c_str(), static_cast<int>(values.size()),
                              types.data(), values.data(), lengths.data(), formats.data(), 0) == 0) {
            // Not sent: too many values, say. What was sent before must still be answered.
            Message said;
            said.severity = "ERROR";
            said.message = trimmed(PQerrorMessage(handle_.get()));
            PQpipelineSync(handle_.get());
            Outcome outcome = collect(1);
            PQexitPipelineMode(handle_.get());
            if (!outcome.error)
                outcome.error = std::move(said);
            return outcome;
        }
    }
    if (PQpipelineSync(handle_.get()) == 0)
        lost();
    Outcome outcome = collect(1);
    if (PQexitPipelineMode(handle_.get()) == 0)
        lost();
    return outcome;
}

Result Connection::query(Statement statement) {
    Outcome outcome = pipeline(std::span(&statement, 1)).or_throw();
    return std::move(outcome.results.front());
}

} // namespace dibs::database
