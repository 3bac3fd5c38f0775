#include "scratch/copy.hpp"

#include <unistd.h>

#include <optional>

#include <fmt/format.h>

#include "process/child.hpp"
#include "report/failure.hpp"

extern "C" char** environ; // NOLINT(readability-redundant-declaration)

namespace dibs::scratch {
namespace {

using database::Connection;
using database::Outcome;
using report::ExitCode;
using report::Failure;

/// psql's own commands, which pg_dump 15.14 and later print first and last (CVE-2025-8714).
std::string without_restriction(std::string dump) {
    const auto remove_line = [&](std::size_t begin) {
        if (begin != std::string::npos)
            dump.erase(begin + 1, dump.find('\n', begin + 1) - begin);
    };
    remove_line(dump.find("\n\\restrict "));
    remove_line(dump.rfind("\n\\unrestrict "));
    return dump;
}

std::vector<std::string> environment_for(const Connection& connection) {
    std::vector<std::string> variables = connection.environment();
    for (char** variable = environ; *variable != nullptr; ++variable)
        if (!std::string_view(*variable).starts_with("PG"))
            variables.emplace_back(*variable);
    return variables;
}

} // namespace

std::set<schema::Key> locked_away(Connection& connection) {
    const database::Result tables = connection.query(
        {"SELECT n.nspname, c.relname FROM pg_catalog.pg_class c "
         "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
         "WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' "
         "AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE') "
         " AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))",
         {}});
    std::set<schema::Key> keys;
    for (std::size_t row = 0; row < tables.rows(); ++row)
        keys.insert(
            {schema::Kind::table, std::string(tables.text(row, 0)), std::string(tables.text(row, 1)), ""});
    return keys;
}

std::string dump_schema(const Connection& of, const std::string& pg_dump,
                        const std::set<schema::Key>& without) {
    std::vector<std::string> words{pg_dump,
                                   "--schema-only",
                                   "--no-owner",
                                   "--no-tablespaces",
                                   "--no-publications",
                                   "--no-subscriptions",
                                   "--no-security-labels",
                                   "--no-password"};
    for (const schema::Key& key : without) // a pattern, unless it stands in quotes
        words.push_back(fmt::format("--exclude-table={}.{}", of.quote_identifier(key.schema),
                                    of.quote_identifier(key.name)));
    const process::Result dumped =
        process::run({.argv = std::move(words), .environment = environment_for(of)});
    if (!dumped.exit.ok())
        throw Failure(ExitCode::other, fmt::format("pg_dump of {} failed ({}): {}", of.describe(),
                                                   dumped.exit.describe(), dumped.err));
    return without_restriction(dumped.out);
}

std::optional<std::string> missing_role(const database::Message& message) {
    constexpr std::string_view begin = "role \"";
    constexpr std::string_view end = "\" does not exist";
    if (message.sqlstate != "42704" || !message.message.starts_with(begin) || !message.message.ends_with(end))
        return std::nullopt;
    return message.message.substr(begin.size(), message.message.size() - begin.size() - end.size());
}

std::optional<Refused> run(Connection& connection, const std::vector<schema::Phase>& phases) {
    for (const schema::Phase& phase : phases) {
        if (phase.transaction)
            std::ignore = connection.script("BEGIN").or_throw();
        for (const schema::Piece& piece : phase.pieces)
            if (const Outcome ran = connection.script(piece.sql); ran.error)
                return Refused{piece.sql, *ran.error};
        if (phase.transaction)
            if (const Outcome ran = connection.script("COMMIT"); ran.error)
                return Refused{"COMMIT", *ran.error};
    }
    return std::nullopt;
}

} // namespace dibs::scratch
