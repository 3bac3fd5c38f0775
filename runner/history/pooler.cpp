#include "history/pooler.hpp"

#include <string>
#include <tuple>

#include <fmt/format.h>

#include "database/error.hpp"
#include "report/failure.hpp"

namespace dibs::history {
namespace {

const char* const own_pid = "SELECT pg_catalog.pg_backend_pid()";

int pid_of(const database::Outcome& outcome) {
    return std::stoi(std::string(outcome.results.back().text(0, 0)));
}

report::Failure refused(std::string_view why) {
    return {report::ExitCode::usage,
            fmt::format("the connection goes through a pooler that shares sessions between clients: {}", why),
            "Migrations need a session of their own, for their lock and settings. Connect to the server "
            "itself, or to a "
            "pooler that pools by session. Nothing was changed."};
}

} // namespace

void refuse_transaction_pooling(database::Connection& connection, const Facts& facts) {
    if (connection.backend_pid() == facts.backend_pid)
        return;
    try {
        database::Connection other = connection.beside("dibs");
        const int others = pid_of(other.script(std::string("BEGIN; ") + own_pid).or_throw());
        const int now = pid_of(connection.script(own_pid).or_throw());
        if (others == facts.backend_pid)
            throw refused("another connection was given the same one");
        if (now != facts.backend_pid)
            throw refused("it was one session first, and then another");
        std::ignore = other.script("COMMIT");
    } catch (const database::StatementError& error) { // one that pools by statement knows no transactions
        throw refused(error.said().message);
    } catch (const database::ConnectionLost& lost) {
        throw refused(lost.what());
    }
}

} // namespace dibs::history
