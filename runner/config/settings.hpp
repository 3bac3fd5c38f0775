#pragma once

#include "config/environment.hpp"
#include "report/failure.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dibs::config {

/// What the options say; each beats the environment, which beats dibs.yaml. Paths are relative to the
/// current folder.
struct Overrides {
    std::optional<std::string> database_url; ///< --database-url
    std::optional<std::string> libraries;    ///< --dir
    std::optional<std::string> config;       ///< --config
    std::optional<std::string> environment;  ///< --env, in the environment DIBS_ENV
    std::optional<std::string> wait;         ///< --wait, in seconds
};

/// No database, or one that cannot be used: the error to end with once a command needs it.
struct NotConfigured {
    report::Failure reason{report::ExitCode::usage, "no database is configured"};
};

/// The development server that dibs itself runs; chosen by `database: embedded` in dibs.yaml only.
struct Embedded {
    std::filesystem::path directory; ///< .dibs/postgres next to dibs.yaml
};

/// What libpq is to connect with. Empty means libpq's own defaults, its PG* variables among them.
struct Conninfo {
    std::string text;   ///< a URL or key=value pairs; may hold a password
    std::string origin; ///< who says so: `--database-url`, `DATABASE_URL`, `dibs.yaml:3:11`, `PGHOST`
};

/// A text of dibs.yaml, with its place: "dibs.yaml:3:11".
struct Placed {
    std::string text;
    std::string origin;
};

using Database = std::variant<NotConfigured, Embedded, Conninfo>;

/// Everything that is configured, in one value; all paths absolute.
struct Settings {
    std::filesystem::path root;                ///< the folder of dibs.yaml; without one the current folder
    std::optional<std::filesystem::path> file; ///< dibs.yaml
    std::optional<std::string> environment;    ///< the one chosen among `environments:`
    std::vector<std::string> environments;     ///< all of these, by name
    Database database;
    std::filesystem::path source;
    std::filesystem::path libraries;
    std::filesystem::path schema_library;
    std::optional<std::string>
        scratch_url; ///< of a server on which dibs may make databases; may hold a password
    std::optional<std::string>
        history_schema; ///< not set: the one with the history, or the first of search_path
    std::optional<std::string> history_table;              ///< not set: history's own default
    std::optional<std::string> role;                       ///< the database's, for what migrations do
    std::optional<std::chrono::milliseconds> lock_timeout; ///< not set: decided at run time
    std::chrono::milliseconds lock_wait{};                 ///< for another runner to finish; 0: not at all
    unsigned lock_attempts = 10; ///< of a migration that does not get its locks, in all
    std::chrono::milliseconds lock_retry_time = std::chrono::minutes(5); ///< for all of them
    std::chrono::milliseconds migration_timeout{0};                      ///< for one migration; 0: none
    std::chrono::milliseconds connect_wait{}; ///< for a server that is not up yet; 0: not at all
    bool strict = false;                      ///< what is only warned of is an error
    std::optional<std::string> build;         ///< a shell command, to be run in `root`
    std::vector<Placed> diff_include;         ///< patterns; none: everything is compared
    std::vector<Placed> diff_exclude;
    bool allow_unsafe_libraries = false; ///< counts only in a dibs.yaml that nobody else can write
};

/// Reads dibs.yaml (no other file, no connection) and decides. Throws report::Failure, exit code usage, for
/// all that is wrong but the database, whose error waits in Settings::database: not every command needs one.
[[nodiscard]] Settings load(const Overrides& overrides, const Environment& environment,
                            const std::filesystem::path& current_folder);

/// The database; throws the Failure of NotConfigured where there is none.
[[nodiscard]] const Database& required_database(const Settings& settings);

} // namespace dibs::config
