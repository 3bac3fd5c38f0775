// The least a migration runner on libpq can do: connects, reads the history, reads each library. With `apply`
// it then sends the migrations of bench/run.sh that are not in the history, each in one message.

#include <fcntl.h>
#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
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
        std::fputs("usage: bench_floor check|apply CONNINFO LIBRARIES\n", stderr);
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
    if (std::string_view(argv[1]) == "apply") {
        std::sort(pending.begin(), pending.end());
        for (const std::string& version : pending)
            exec(connection.get(),
                 "BEGIN; CREATE TABLE " + version.substr(version.rfind('_') + 1) +
                     " (id bigint PRIMARY KEY, name text NOT NULL, qty integer DEFAULT 0, created_at "
                     "timestamptz DEFAULT now(), note text); INSERT INTO _dibs_migrations (version) "
                     "VALUES ('" +
                     version + "'); COMMIT");
    }
    return 0;
}
