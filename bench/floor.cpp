// The least a migration runner on libpq can do: connects, reads the history, reads each library. With `apply`
// it then sends the migrations of bench/run.sh that are not in the history, each in one message.
//
// With `turns` it sends each of them in one of three ways, in random order, and prints the median time of
// each way in milliseconds: in that one message; the same statements in two, the history's row with COMMIT,
// as it must be where the row depends on how the migration ends; and in those two that dibs sends for each,
// without which its contract cannot be kept: the session's reset, a history of twelve columns with the
// source, the attempts, and that the lock is still held. They are as runner/migration and runner/history
// write them, and need the tables that dibs has made.

#include <fcntl.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace {

struct Clear {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using Result = std::unique_ptr<PGresult, Clear>;

Result exec(PGconn* connection, const std::string& sql) {
    Result result(PQexec(connection, sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        std::fputs(PQerrorMessage(connection), stderr);
        std::exit(1);
    }
    return result;
}

std::string create(const std::string& table) {
    return "CREATE TABLE " + table +
           " (id bigint PRIMARY KEY, name text NOT NULL, qty integer DEFAULT 0, created_at timestamptz "
           "DEFAULT now(), note text)";
}

const std::string lock = "-3459698849341637168";

std::string first_message(const std::string& table) {
    return "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; RESET ROLE; RESET ALL; DEALLOCATE ALL; CLOSE "
           "ALL; UNLISTEN *; DISCARD TEMP; DISCARD PLANS; DISCARD SEQUENCES; SET lock_timeout = 1500; SET "
           "row_security = off; " +
           create(table);
}

std::string second_message(const std::string& version, const std::string& table) {
    const std::string source = "#include <dibs/migration.hpp>\n\nDIBS_MIGRATION();\n\nvoid migrate("
                               "dibs::MigrationContext& ctx) {\n    ctx.execute(\"" +
                               create(table) + "\");\n}\n";
    return "RESET ROLE; INSERT INTO \"public\".\"_dibs_migrations\" (version, "
           "applied_at, name, checksum, checksum_algorithm, duration_ms, applied_by, runner_version, "
           "out_of_order, state, description, source) VALUES ('" +
           version + "', pg_catalog.clock_timestamp(), 'create_" + table +
           "', 'e9e427c32c96f67d736ea5464f9c972f0a87cea3e7dfccd3dba45ca033532b87', 'sha256-lf', 4, "
           "session_user, '0.1.0', false, 'applied', NULL, '" +
           source + "'::pg_catalog.bytea) RETURNING CASE WHEN NOT pg_catalog.pg_try_advisory_xact_lock(" +
           lock +
           ") THEN false WHEN pg_catalog.pg_advisory_unlock_all() IS NULL THEN NULL ELSE "
           "pg_catalog.pg_try_advisory_lock(" +
           lock +
           ") END; INSERT INTO \"public\".\"_dibs_attempts\" (run, event, version, duration_ms, "
           "runner_version) VALUES ('1795814559281996-21607', 'applied', '" +
           version + "', 4, '0.1.0'); COMMIT";
}

/// The name that create() gives to the table of a migration.
std::string table_of(const std::string& version) {
    return version.substr(version.rfind('_') + 1);
}

std::string beginning(const std::string& version) {
    return "BEGIN; " + create(table_of(version));
}

std::string end(const std::string& version) {
    return "INSERT INTO _dibs_migrations (version) VALUES ('" + version + "'); COMMIT";
}

void take_turns(PGconn* connection, const std::vector<std::string>& pending) {
    std::array<std::vector<double>, 3> took; // milliseconds
    std::minstd_rand random(1);
    for (const std::string& version : pending) {
        const std::size_t way = random() % took.size();
        const auto begun = std::chrono::steady_clock::now();
        switch (way) {
        case 0:
            exec(connection, beginning(version) + "; " + end(version));
            break;
        case 1:
            exec(connection, beginning(version));
            exec(connection, end(version));
            break;
        default:
            exec(connection, first_message(table_of(version)));
            exec(connection, second_message(version, table_of(version)));
        }
        took[way].push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    }
    for (std::vector<double>& times : took) {
        const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
        std::nth_element(times.begin(), middle, times.end());
        std::printf("%.3f ", *middle);
    }
    std::printf("\n");
}

bool read_whole(const std::filesystem::path& path) {
    static std::array<char, 65536> buffer;
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t got = 0;
    while ((got = read(file, buffer.data(), buffer.size())) > 0) {
    }
    close(file);
    return got == 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("usage: bench_floor check|apply|turns CONNINFO LIBRARIES\n", stderr);
        return 2;
    }
    const std::unique_ptr<PGconn, Clear> connection(PQconnectdb(argv[2]));
    if (PQstatus(connection.get()) != CONNECTION_OK) {
        std::fputs(PQerrorMessage(connection.get()), stderr);
        return 1;
    }
    const Result history =
        exec(connection.get(), "SELECT version, applied_at FROM _dibs_migrations ORDER BY version");
    std::unordered_set<std::string> applied;
    for (int row = 0; row < PQntuples(history.get()); ++row)
        applied.emplace(PQgetvalue(history.get(), row, 0));

    std::vector<std::string> pending;
    for (const auto& entry : std::filesystem::directory_iterator(argv[3])) {
        if (!read_whole(entry.path())) {
            std::perror(entry.path().c_str());
            return 1;
        }
        const std::string stem = entry.path().stem(); // m2026_01_24_120000_create_t1
        std::string version = stem.substr(1, 17) + "-" + stem.substr(19);
        if (!applied.contains(version))
            pending.push_back(std::move(version));
    }
    const std::string_view what = argv[1];
    if (what == "check")
        return 0;
    std::sort(pending.begin(), pending.end());
    if (what == "turns")
        take_turns(connection.get(), pending);
    else
        for (const std::string& version : pending)
            exec(connection.get(), beginning(version) + "; " + end(version));
    return 0;
}
