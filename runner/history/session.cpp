#include "history/session.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/duration.hpp"

namespace dibs::history {

namespace {

struct Setting {
    std::string_view name;
    std::string_view value;
    int since = 0; ///< server_version
};

constexpr std::array<Setting, 8> own_settings{{{"statement_timeout", "0"},
                                               {"idle_in_transaction_session_timeout", "0"},
                                               {"row_security", "off"},
                                               {"bytea_output", "hex"},
                                               {"extra_float_digits", "1"},
                                               {"default_transaction_read_only", "off"},
                                               {"idle_session_timeout", "0", 140000},
                                               {"transaction_timeout", "0", 170000}}};

} // namespace

std::vector<std::string> session_settings(int server_version, std::chrono::milliseconds lock_timeout,
                                          bool local, std::span<const std::string> given) {
    const std::string_view set = local ? "SET LOCAL" : "SET";
    std::vector<std::string> statements{fmt::format("{} lock_timeout = {}", set, lock_timeout.count())};
    for (const Setting& setting : own_settings)
        if (server_version >= setting.since &&
            std::find(given.begin(), given.end(), setting.name) == given.end())
            statements.push_back(fmt::format("{} {} = {}", set, setting.name, setting.value));
    return statements;
}

std::string settings_given_by_reset() {
    std::string wanted;
    for (const Setting& setting : own_settings)
        wanted += fmt::format("{}('{}', '{}')", wanted.empty() ? "" : ", ", setting.name, setting.value);
    return fmt::format("SELECT s.name FROM pg_catalog.pg_settings s WHERE (s.name::pg_catalog.text, "
                       "s.reset_val) OPERATOR(pg_catalog.=) ANY (VALUES {})",
                       wanted);
}

Facts look(database::Connection& connection, const Location& location) {
    // In a new session, whose caches are empty, this takes 1.6 ms. Joins of the catalogs, for which the
    // planner reads statistics, and deadlock_timeout as an interval made it 2.3.
    const std::string named =
        fmt::format("c.relname OPERATOR(pg_catalog.=) {}", connection.quote_literal(location.table));
    std::string beside;
    for (const std::string& name : {location.attempts(), location.steps(), location.backfills()})
        beside += fmt::format(" OR c.relname OPERATOR(pg_catalog.=) {}", connection.quote_literal(name));
    std::vector<std::string> settings =
        session_settings(connection.server_version(), std::chrono::milliseconds(0), true);
    // A table and its columns as of one moment.
    settings.insert(settings.begin(), "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    const std::string sql = fmt::format(
        "{0}; SELECT pg_catalog.current_schema(), session_user, pg_catalog.pg_backend_pid(), "
        "pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('deadlock_timeout'), {1}; "
        "SELECT c.oid, (SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid OPERATOR(pg_catalog.=) "
        "c.relnamespace), c.relkind, pg_catalog.pg_table_is_visible(c.oid), c.relhastriggers OR "
        "c.relhasrules, pg_catalog.has_table_privilege(c.oid, 'SELECT'), c.relname "
        "FROM pg_catalog.pg_class c WHERE ({2}{3}) "
        // Another session's temporary table is nobody's history.
        "AND c.relpersistence OPERATOR(pg_catalog.<>) 't'; "
        "SELECT a.attrelid, a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid OPERATOR(pg_catalog.=) "
        "ANY (ARRAY(SELECT c.oid FROM pg_catalog.pg_class c WHERE {2})) "
        "AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped",
        fmt::join(settings, "; "),
        location.schema ? fmt::format("EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname "
                                      "OPERATOR(pg_catalog.=) {})",
                                      connection.quote_literal(*location.schema))
                        : "true",
        named, beside);
    const database::Outcome outcome = connection.script(sql).or_throw();
    const database::Result& server = outcome.results.at(settings.size());
    Facts facts;
    facts.current_schema = server.text(0, 0);
    facts.session_user = server.text(0, 1);
    facts.backend_pid = std::stoi(std::string(server.text(0, 2)));
    facts.standby = server.text(0, 3) == "t";
    facts.deadlock_timeout =
        config::parse_duration(server.text(0, 4)).value_or(std::chrono::seconds(1)); // the default
    facts.schema_exists = server.text(0, 5) == "t";
    std::map<std::string_view, std::vector<std::string>> columns; // by the relation's oid
    const database::Result& attributes = outcome.results.at(settings.size() + 2);
    for (std::size_t row = 0; row < attributes.rows(); ++row)
        columns[attributes.text(row, 0)].emplace_back(attributes.text(row, 1));
    const database::Result& relations = outcome.results.at(settings.size() + 1);
    for (std::size_t row = 0; row < relations.rows(); ++row) {
        const std::string_view name = relations.text(row, 6);
        std::vector<Facts::Found>& found = name == location.attempts()    ? facts.attempts
                                           : name == location.steps()     ? facts.steps
                                           : name == location.backfills() ? facts.backfills
                                                                          : facts.tables;
        found.push_back({std::string(relations.text(row, 1)), relations.text(row, 2).front(),
                         relations.text(row, 3) == "t", relations.text(row, 4) == "t",
                         relations.text(row, 5) == "t", columns[relations.text(row, 0)]});
    }
    std::sort(facts.tables.begin(), facts.tables.end(),
              [](const Facts::Found& a, const Facts::Found& b) { return a.schema < b.schema; });
    return facts;
}

} // namespace dibs::history
