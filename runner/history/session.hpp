#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "database/connection.hpp"

namespace dibs::history {

/// What the names of the meta tables begin with, unless they are configured to be others.
inline constexpr std::string_view table_prefix = "_dibs_";

/// Where the meta tables live.
struct Location {
    std::optional<std::string>
        schema; ///< none: where a table of this name is on the search path, else its first schema
    std::string table = "_dibs_migrations";

    // The tables beside it, in the same schema.
    [[nodiscard]] std::string attempts() const {
        return table == "_dibs_migrations" ? "_dibs_attempts" : table + "_attempts";
    }
    [[nodiscard]] std::string steps() const {
        return table == "_dibs_migrations" ? "_dibs_steps" : table + "_steps";
    }
    [[nodiscard]] std::string backfills() const {
        return table == "_dibs_migrations" ? "_dibs_backfills" : table + "_backfills";
    }
};

/// What one look at the server told, in one round trip.
struct Facts {
    std::string current_schema; ///< empty when the search path names none that exists
    std::string session_user;
    int backend_pid = 0;
    bool standby = false;
    std::chrono::milliseconds deadlock_timeout{0};

    struct Found {
        std::string schema;
        char kind = 'r';                  ///< pg_class.relkind
        bool visible = false;             ///< by the search path
        bool rewritten = false;           ///< it has triggers or rules
        bool readable = false;            ///< this role may SELECT from it
        std::vector<std::string> columns; ///< names
    };
    std::vector<Found> tables; ///< every relation with the history's name, whatever its schema; none that is
                               ///< temporary
    std::vector<Found> attempts; ///< the same for the attempts, without their columns
    std::vector<Found> steps;    ///< and for the steps
    std::vector<Found> backfills;
    bool schema_exists = true; ///< of the configured schema
};

/// The settings that dibs holds for its own session (a migration's changes to them are undone between
/// migrations): no time-out of a statement, an idle session or transaction; rows hidden by row security raise
/// instead; floating point and bytes arrive whole; what is written may be, as in the transactions. SET and
/// not set_config(): looking up the functions cost a tenth of what a short migration does.
/// @param local for the transaction only
/// @param given names of those that are to be left out
std::vector<std::string> session_settings(int server_version, std::chrono::milliseconds lock_timeout,
                                          bool local = false, std::span<const std::string> given = {});

/// A query: the names of those settings that RESET ALL gives by itself on this connection. A SET costs 9 us,
/// so with the usual defaults the resets of a short migration's session would be 3 % of its time. (A server
/// that loads another configuration in the middle of a run changes what RESET ALL gives.)
std::string settings_given_by_reset();

/// Looks where the history is. Changes no setting of the session: behind a pooler it may be another's.
Facts look(database::Connection& connection, const Location& location);

} // namespace dibs::history
