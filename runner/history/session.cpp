#include "history/session.hpp"

#include <fmt/format.h>

namespace dibs::history {

std::string session_settings(int server_version, std::chrono::milliseconds lock_timeout) {
    const auto set = [](std::string_view name, std::string_view value) {
        return fmt::format("pg_catalog.set_config('{}','{}',false)", name, value);
    };
    std::string sql = "SELECT " + set("statement_timeout", "0") + "," +
                      set("idle_in_transaction_session_timeout", "0") + "," + set("row_security", "off") +
                      "," + set("bytea_output", "hex") + "," + set("extra_float_digits", "1") + "," +
                      set("lock_timeout", std::to_string(lock_timeout.count()));
    if (server_version >= 140000)
        sql += "," + set("idle_session_timeout", "0");
    if (server_version >= 170000)
        sql += "," + set("transaction_timeout", "0");
    return sql;
}

Facts look(database::Connection& connection, const Location& location) {
    const std::string table = connection.quote_literal(location.table);
    const std::string schema = connection.quote_literal(location.schema.value_or(""));
    const std::string sql = fmt::format(
        "{}; "
        "SELECT pg_catalog.current_schema(), session_user, pg_catalog.pg_backend_pid(), "
        "pg_catalog.pg_is_in_recovery(), "
        "(SELECT setting FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) 'deadlock_timeout'), "
        "{} OPERATOR(pg_catalog.=) '' OR EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname "
        "OPERATOR(pg_catalog.=) {}); "
        "SELECT n.nspname, c.relkind, pg_catalog.pg_table_is_visible(c.oid), a.attname "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) "
        "c.relnamespace "
        "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.oid "
        "AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped "
        "WHERE c.relname OPERATOR(pg_catalog.=) {} ORDER BY n.nspname, c.oid, a.attnum",
        session_settings(connection.server_version(), std::chrono::milliseconds(0)), schema, schema, table);
    const database::Outcome outcome = connection.script(sql).or_throw();
    const database::Result& server = outcome.results.at(1);
    Facts facts;
    facts.current_schema = server.text(0, 0);
    facts.session_user = server.text(0, 1);
    facts.backend_pid = std::stoi(std::string(server.text(0, 2)));
    facts.standby = server.text(0, 3) == "t";
    facts.deadlock_timeout = std::chrono::milliseconds(std::stoi(std::string(server.text(0, 4))));
    facts.schema_exists = server.text(0, 5) == "t";
    const database::Result& relations = outcome.results.at(2);
    for (std::size_t row = 0; row < relations.rows(); ++row) {
        const std::string found_schema(relations.text(row, 0));
        if (facts.tables.empty() || facts.tables.back().schema != found_schema)
            facts.tables.push_back(
                {found_schema, relations.text(row, 1).front(), relations.text(row, 2) == "t", {}});
        if (relations.value(row, 3))
            facts.tables.back().columns.emplace_back(relations.text(row, 3));
    }
    return facts;
}

} // namespace dibs::history
