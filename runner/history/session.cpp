#include "history/session.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

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
    const std::string table = connection.quote_literal(location.table);
    const std::string attempts = connection.quote_literal(location.attempts());
    const std::string steps = connection.quote_literal(location.steps());
    const std::string backfills = connection.quote_literal(location.backfills());
    const std::string schema = connection.quote_literal(location.schema.value_or(""));
    const std::vector<std::string> settings =
        session_settings(connection.server_version(), std::chrono::milliseconds(0), true);
    const std::string sql = fmt::format(
        "{0}; SELECT pg_catalog.current_schema(), session_user, pg_catalog.pg_backend_pid(), "
        "pg_catalog.pg_is_in_recovery(), "
        // Not from pg_settings, which makes a row of each of the 350 settings: '1s', which is an interval.
        "(pg_catalog.date_part('epoch', pg_catalog.current_setting('deadlock_timeout')::pg_catalog.interval) "
        "OPERATOR(pg_catalog.*) 1000)::pg_catalog.int8, "
        "{1} OPERATOR(pg_catalog.=) '' OR EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname "
        "OPERATOR(pg_catalog.=) {1}); "
        "SELECT n.nspname, c.relkind, pg_catalog.pg_table_is_visible(c.oid), c.relhastriggers OR "
        "c.relhasrules, pg_catalog.has_table_privilege(c.oid, 'SELECT'), c.relname, a.attname "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) "
        "c.relnamespace "
        "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid "
        "AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped AND c.relname OPERATOR(pg_catalog.=) "
        "{2} "
        "WHERE c.relname OPERATOR(pg_catalog.=) ANY (ARRAY[{2}, {3}, {4}, {5}]::pg_catalog.name[]) "
        // Another session's temporary table is nobody's history.
        "AND c.relpersistence OPERATOR(pg_catalog.<>) 't' ORDER BY n.nspname, c.oid, a.attnum",
        fmt::join(settings, "; "), schema, table, attempts, steps, backfills);
    const database::Outcome outcome = connection.script(sql).or_throw();
    const database::Result& server = outcome.results.at(settings.size());
    Facts facts;
    facts.current_schema = server.text(0, 0);
    facts.session_user = server.text(0, 1);
    facts.backend_pid = std::stoi(std::string(server.text(0, 2)));
    facts.standby = server.text(0, 3) == "t";
    facts.deadlock_timeout = std::chrono::milliseconds(std::stoi(std::string(server.text(0, 4))));
    facts.schema_exists = server.text(0, 5) == "t";
    const database::Result& relations = outcome.results.at(settings.size() + 1);
    for (std::size_t row = 0; row < relations.rows(); ++row) {
        const std::string_view name = relations.text(row, 5);
        std::vector<Facts::Found>& found = name == location.attempts()    ? facts.attempts
                                           : name == location.steps()     ? facts.steps
                                           : name == location.backfills() ? facts.backfills
                                                                          : facts.tables;
        const std::string found_schema(relations.text(row, 0));
        if (found.empty() || found.back().schema != found_schema)
            found.push_back({found_schema,
                             relations.text(row, 1).front(),
                             relations.text(row, 2) == "t",
                             relations.text(row, 3) == "t",
                             relations.text(row, 4) == "t",
                             {}});
        if (relations.value(row, 6))
            found.back().columns.emplace_back(relations.text(row, 6));
    }
    return facts;
}

} // namespace dibs::history
