#include "schema/read/reader.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "report/failure.hpp"
#include "schema/read/assemble.hpp"
#include "schema/read/definitions.hpp"
#include "schema/read/queries.hpp"

namespace dibs::schema {
namespace {

using database::Connection;
using database::Outcome;
using database::Result;
using report::ExitCode;
using report::Failure;

constexpr int attempts = 5;

/// Catalog functions (pg_get_viewdef() and its like) look at the catalog as it is now, not as the
/// transaction's snapshot has it. Between two equal ones of these nothing was committed, so it was the same.
constexpr std::string_view moment = "SELECT pg_catalog.pg_current_snapshot()::text";

[[noreturn]] void locked(Connection& connection, const ReadOptions& options) {
    const Result holders = connection.query(
        {"SELECT pg_catalog.string_agg(DISTINCT l.relation::regclass::text, ', '), l.pid, "
         "max(coalesce(nullif(a.application_name, ''), 'no name')), max(coalesce(a.state, 'unknown')) "
         "FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database "
         "JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') "
         "LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
         "WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.granted "
         "AND d.datname = pg_catalog.current_database() AND l.pid <> pg_catalog.pg_backend_pid() "
         "AND c.relnamespace <> 'pg_catalog'::regnamespace GROUP BY l.pid ORDER BY l.pid",
         {}});
    std::string who;
    for (std::size_t row = 0; row < holders.rows(); ++row)
        who +=
            fmt::format("{}{} (locked by process {}, {}, {})", who.empty() ? "" : "; ", holders.text(row, 0),
                        holders.text(row, 1), holders.text(row, 2), holders.text(row, 3));
    throw Failure(ExitCode::other,
                  fmt::format("the schema of {} cannot be read: a lock was not obtained within {} ms{}{}",
                              connection.describe(), options.lock_timeout.count(), who.empty() ? "" : ": ",
                              who),
                  "Try again when that session is done; nothing was changed.");
}

/// Well below the default deadlock_timeout (1 s): the reader holds what it has looked at until its
/// transaction ends, and of two that wait for each other it is to be the one that lets go, not the other's
/// ALTER TABLE.
constexpr std::chrono::milliseconds one_wait{500};

enum class Failed { changed, locked };

Failed failed(Connection& connection, const database::Message& said) {
    (void)connection.script("ROLLBACK");
    if (said.sqlstate == "55P03" || said.sqlstate == "40P01") // lock_not_available, deadlock_detected
        return Failed::locked;
    if (said.sqlstate == "XX000") // "cache lookup failed": dropped since the snapshot
        return Failed::changed;
    throw database::StatementError(said);
}

/// One attempt: the model, or why there is none: the schema changed while it was read (or may have), or a
/// lock was not obtained.
/// @param busy something is committed all the time: look at the catalog's rows, which costs more
std::variant<Model, Failed> attempt(Connection& connection, const ReadOptions& options, bool busy) {
    const std::string unchanged = busy ? fingerprint_query() : std::string(moment);
    // Repeatable read: each query sees the same rows. The search path is empty so that all names are
    // complete.
    std::vector<database::Statement> statements{
        {"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {}},
        {"SET LOCAL search_path = ''", {}},
        {"SET LOCAL jit = off", {}}, // LLVM took 1 % of a large diff, for queries that run once
        {fmt::format("SET LOCAL lock_timeout = {}", std::min(options.lock_timeout, one_wait).count()), {}},
        {unchanged, {}}};
    const std::size_t before = statements.size();
    for (database::Statement& query : catalog_queries(connection.server_version(), options.role))
        statements.push_back(std::move(query));
    const Outcome outcome = connection.pipeline(statements);
    if (outcome.error)
        return failed(connection, *outcome.error);
    const std::string then(outcome.results[before - 1].text(0, 0));
    const std::span results = std::span(outcome.results).subspan(before);
    Definitions definitions(results);
    const Outcome after = connection.script(fmt::format("{}; COMMIT; {}", definitions.query(), unchanged));
    if (after.error)
        return failed(connection, *after.error);
    if (after.results.back().text(0, 0) != then)
        return Failed::changed;
    definitions.take(after.results.front());
    return assemble(results, definitions, options);
}

} // namespace

Model read(Connection& connection, const ReadOptions& options) {
    const auto deadline = std::chrono::steady_clock::now() + options.lock_timeout;
    for (int tried = 0; tried < attempts;) {
        std::variant<Model, Failed> outcome = attempt(connection, options, tried > 0);
        if (Model* model = std::get_if<Model>(&outcome))
            return std::move(*model);
        if (std::get<Failed>(outcome) == Failed::changed)
            ++tried;
        else if (std::chrono::steady_clock::now() >= deadline)
            locked(connection, options);
    }
    throw Failure(ExitCode::other,
                  fmt::format("the schema of {} changed each of the {} times it was read",
                              connection.describe(), attempts),
                  "Try again when no other migration runs.");
}

} // namespace dibs::schema
