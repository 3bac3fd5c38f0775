#include "scratch/server.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "report/failure.hpp"
#include "scratch/copy.hpp"

namespace dibs::scratch {
namespace {

using database::Connection;
using database::Outcome;
using report::ExitCode;
using report::Failure;

/// A name ends in the number of the session that made it, and a count.
constexpr std::string_view name_prefix = "dibs_scratch_";
constexpr std::string_view role_comment = "made by dibs to try a schema out";

void ignore(const Outcome& outcome) {
    std::ignore = outcome;
} // another run was faster, or will be

} // namespace

Server::Server(Connection admin) : admin_(std::move(admin)) {
    admin_.on_notice([](const database::Message&) {});
    remove_leftovers();
}

Server::~Server() {
    try {
        for (const std::string& name : databases_)
            ignore(admin_.script("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"));
        for (const std::string& name : roles_)
            ignore(admin_.script("DROP ROLE IF EXISTS " + admin_.quote_identifier(name)));
    } catch (const database::ConnectionLost&) { // the next run removes them
    }
}

void Server::remove_leftovers() {
    const database::Result left = admin_.query(
        {fmt::format("SELECT datname FROM pg_catalog.pg_database WHERE datname ~ '^{0}[0-9]+_[0-9]+$' "
                     "AND pg_catalog.split_part(datname, '_', 3)::int NOT IN "
                     "(SELECT pid FROM pg_catalog.pg_stat_activity)",
                     name_prefix),
         {}});
    for (std::size_t row = 0; row < left.rows(); ++row)
        ignore(admin_.script("DROP DATABASE IF EXISTS " + std::string(left.text(row, 0))));
    if (left.rows() == 0)
        return;
    const database::Result roles =
        admin_.query({"SELECT rolname FROM pg_catalog.pg_roles WHERE NOT rolcanlogin AND "
                      "pg_catalog.shobj_description(oid, 'pg_authid') = $1 AND NOT EXISTS "
                      "(SELECT FROM pg_catalog.pg_database WHERE datname LIKE 'dibs\\_scratch\\_%')",
                      {std::string(role_comment)}});
    for (std::size_t row = 0; row < roles.rows(); ++row)
        ignore(admin_.script("DROP ROLE IF EXISTS " + admin_.quote_identifier(roles.text(row, 0))));
}

std::string Server::make(const std::string& original) {
    std::string name = fmt::format("{}{}_{}", name_prefix, admin_.backend_pid(), databases_.size());
    // template0: whatever someone has put into template1 is no part of a schema.
    const Outcome made =
        admin_.script(fmt::format("CREATE DATABASE {} TEMPLATE {}", name,
                                  original.empty() ? "template0 ENCODING 'UTF8' LOCALE 'C'" : original));
    if (made.error)
        throw Failure(
            ExitCode::other,
            fmt::format("cannot make a database on {} to try the schema out: {}", admin_.describe(),
                        made.error->message),
            "The role needs CREATEDB there. Another server for this: scratch: {url: ...} in dibs.yaml.");
    databases_.push_back(name);
    return name;
}

Connection Server::connect(const std::string& database) const {
    Connection connection = admin_.beside("dibs scratch", database);
    connection.on_notice([](const database::Message&) {});
    return connection;
}

std::set<std::string> Server::all_roles() {
    const database::Result result = admin_.query({"SELECT rolname FROM pg_catalog.pg_roles", {}});
    std::set<std::string> names;
    for (std::size_t row = 0; row < result.rows(); ++row)
        names.emplace(result.text(row, 0));
    return names;
}

/// Roles belong to the whole server: those that the SQL has made go with the databases.
void Server::know_roles_of(const std::string& sql, const std::set<std::string>& before) {
    for (const std::string& role : all_roles()) // another run may have made one in the meantime
        if (!before.contains(role) && strcasestr(sql.c_str(), role.c_str()) != nullptr &&
            std::find(roles_.begin(), roles_.end(), role) == roles_.end())
            roles_.push_back(role);
}

std::optional<database::Message> Server::load(Connection& into, const std::string& sql) {
    const std::set<std::string> before = all_roles();
    // As one of several statements none runs that cannot be in a transaction: DROP DATABASE, ALTER SYSTEM.
    const std::string script = sql + "\n;\nSELECT 1";
    std::string made_last;
    for (;;) {
        const Outcome loaded = into.script(script);
        know_roles_of(sql, before);
        if (!loaded.error)
            return std::nullopt;
        const std::optional<std::string> role = missing_role(*loaded.error);
        if (!role || *role == made_last)
            return loaded.error;
        make_role(*role);
        made_last = *role;
    }
}

void Server::make_role(const std::string& name) {
    const std::string quoted = admin_.quote_identifier(name);
    const Outcome made = admin_.script(
        fmt::format("CREATE ROLE {} NOLOGIN; COMMENT ON ROLE {} IS '{}'", quoted, quoted, role_comment));
    if (made.error)
        throw Failure(
            ExitCode::other,
            fmt::format("the schema names the role {}, which {} has not, and it cannot be made there: {}",
                        quoted, admin_.describe(), made.error->message),
            "Make it there, or name another server: scratch: {url: ...} in dibs.yaml.");
    roles_.push_back(name);
}

} // namespace dibs::scratch
