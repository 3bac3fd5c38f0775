#include "embedded/server.hpp"

#include "embedded/postmaster.hpp"
#include "report/failure.hpp"
#include "support/scratch_server.hpp"
#include "support/server.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>

using namespace dibs::tests;
using dibs::embedded::Server;
using dibs::embedded::Status;
using dibs::report::Failure;
using State = Status::State;
namespace fs = std::filesystem;

namespace {

struct stat status_of(const fs::path& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status;
}

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> result;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        result.push_back(entry.path().filename().native());
    }
    std::ranges::sort(result);
    return result;
}

std::string message_of(Server server) {
    try {
        server.ensure_running();
    } catch (const Failure& failure) {
        return std::string(failure.what()) + "\n" + failure.hint();
    }
    return "it started";
}

} // namespace

TEST_CASE("A first start makes a cluster that only its account can reach, and no network can") {
    const ScratchServer scratch;
    Server server = scratch.server();
    CHECK(server.status().state == State::absent);
    CHECK_FALSE(fs::exists(scratch.directory())); // asking has made nothing

    const auto endpoint = server.ensure_running();
    CHECK(scratch.psql("SELECT 1") == "1");
    CHECK(
        scratch.psql(
            "SELECT current_user, current_database(), rolsuper FROM pg_roles WHERE rolname = current_user") ==
        "dibs|dibs|t");
    CHECK(scratch.psql("SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database "
                       "WHERE datname = 'dibs'") == "UTF8|C.UTF-8|C.UTF-8");
    CHECK(scratch.psql("SHOW listen_addresses").empty());

    CHECK(names_in(scratch.directory()) ==
          std::vector<std::string>{"postgres", "postgres.lock", "postgres.log", "socket"});
    CHECK((status_of(endpoint.socket_directory).st_mode & 0777U) == 0700U);
    CHECK((status_of(scratch.cluster()).st_mode & 0777U) == 0700U);
    CHECK(status_of(scratch.cluster()).st_uid != 0);

    const Status status = server.status();
    CHECK(status.state == State::running);
    CHECK(status.endpoint == endpoint);
    CHECK(status.major == std::stoi(scratch.psql("SHOW server_version_num")) / 10000);
    CHECK(server.conninfo() == endpoint.conninfo());
    CHECK(dibs::process::run({.argv = {server.binaries().program("psql"), "-XAtc", "SELECT 2", server.url()}})
              .out == "2\n");
}

TEST_CASE(
    "Where the server runs already, asking for it takes no lock, no process and less than a millisecond") {
    server();
    const dibs::embedded::Lock held(fs::path(DIBS_TEST_SERVER_DIR) / "postgres.lock",
                                    std::chrono::minutes(1));
    Server again({.directory = DIBS_TEST_SERVER_DIR, .binaries = "/nowhere", .patience = {}});
    std::array<std::chrono::steady_clock::duration, 101> times{};
    for (auto& time : times) {
        const auto begin = std::chrono::steady_clock::now();
        again.ensure_running();
        time = std::chrono::steady_clock::now() - begin;
    }
    std::ranges::sort(times);
    CHECK(times[times.size() / 2] < std::chrono::milliseconds(1));
}

TEST_CASE("A stopped server starts again with its data, in less than a second") {
    const ScratchCluster scratch;
    Server server = scratch.server();
    server.ensure_running();
    scratch.psql("CREATE TABLE kept AS SELECT 42 AS n");

    CHECK(server.stop());
    CHECK(server.status().state == State::stopped);
    CHECK_FALSE(fs::exists(scratch.cluster() / "postmaster.pid"));
    CHECK_FALSE(fs::exists(server.status().endpoint.socket()));
    CHECK_FALSE(server.stop());

    const auto begin = std::chrono::steady_clock::now();
    server.ensure_running();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
    CHECK(scratch.psql("SELECT n FROM kept") == "42");
    std::ifstream log(server.status().log);
    const std::string text(std::istreambuf_iterator<char>(log), {});
    CHECK(text.find("database system was shut down at") != std::string::npos); // no recovery was needed
    CHECK(text.find("not properly shut down") == std::string::npos);
}

TEST_CASE("Stopping ends the sessions that are open") {
    const ScratchCluster scratch;
    Server server = scratch.server();
    server.ensure_running();
    const auto session = dibs::process::spawn(
        {.argv = {server.binaries().program("psql"), "-Xc", "SELECT pg_sleep(600)", server.conninfo()}});
    REQUIRE(eventually([&] {
        return scratch.psql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' AND "
                            "state = 'active'") == "1";
    }));
    CHECK(server.stop());
}

TEST_CASE("Processes that start the server at once get one and the same") {
    const ScratchServer scratch;
    int gate[2];
    REQUIRE(::pipe(gate) == 0);
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
        children.push_back(in_child([&] {
            char byte = 0;
            ::close(gate[1]);
            static_cast<void>(::read(gate[0], &byte, 1)); // until the parent opens the gate for all
            scratch.server().ensure_running();
        }));
    }
    ::close(gate[0]);
    ::close(gate[1]);
    for (const pid_t child : children) {
        CHECK(exit_code_of(child) == 0);
    }
    const auto pid = scratch.server().status().pid;
    REQUIRE(pid);
    const auto processes = dibs::embedded::server_processes(scratch.cluster());
    CHECK(std::ranges::count_if(
              processes, [](const auto& process) { return ::getsid(process.pid) == process.pid; }) >= 1);
    for (const auto& process : processes) {
        std::ifstream stat("/proc/" + std::to_string(process.pid) + "/stat");
        std::string ignored;
        pid_t parent = 0;
        stat >> ignored >> ignored >> ignored >> parent;
        CHECK((process.pid == *pid || parent == *pid)); // all belong to the one postmaster
    }
    CHECK(scratch.psql("SELECT 1") == "1");
}

TEST_CASE("Who cannot get the lock starts nothing, and says so") {
    const ScratchServer scratch;
    fs::create_directories(scratch.directory());
    const dibs::embedded::Lock held(scratch.directory() / "postgres.lock", std::chrono::milliseconds(0));
    const std::string message = message_of(scratch.server({.patience = std::chrono::milliseconds(30)}));
    CHECK(message.find("Another process is starting or stopping the embedded server") != std::string::npos);
    CHECK(names_in(scratch.directory()) == std::vector<std::string>{"postgres.lock"});
}

TEST_CASE("A server works from a path with everything a path may have") {
    const ScratchServer scratch("a b'c\"d$HOME`id`\\ü%41,x");
    scratch.server().ensure_running();
    CHECK(scratch.psql("SELECT 1") == "1");
    CHECK(scratch.server().status().endpoint.socket_directory.parent_path() == "/tmp"); // for the comma
}

TEST_CASE("A path with spaces and quotes keeps its socket") {
    const ScratchCluster scratch("it's \"a\" $HOME \\ü%41/.dibs");
    const auto endpoint = scratch.server().ensure_running();
    CHECK(endpoint.socket_directory == scratch.directory() / "socket");
    CHECK(scratch.psql("SELECT 1") == "1");
}

TEST_CASE("A path too long for a socket's address gets its socket in /tmp, for its account alone") {
    const ScratchCluster scratch(std::string(120, 'x') + "/" + std::string(120, 'y') + "/.dibs");
    const auto endpoint = scratch.server().ensure_running();
    CHECK(endpoint.socket_directory.parent_path() == "/tmp");
    CHECK((status_of(endpoint.socket_directory).st_mode & 0777U) == 0700U);
    CHECK(status_of(endpoint.socket_directory).st_uid == status_of(scratch.cluster()).st_uid);
    CHECK(scratch.psql("SELECT 1") == "1");
    scratch.server().reset();
    CHECK_FALSE(fs::exists(endpoint.socket_directory));
}

TEST_CASE("A socket directory that somebody else prepared in /tmp is not used") {
    const ScratchCluster scratch(std::string(120, 'x') + "/.dibs");
    const fs::path sockets = scratch.server().status().endpoint.socket_directory;
    REQUIRE(sockets.parent_path() == "/tmp");
    fs::create_symlink(scratch.directory(), sockets);
    CHECK(message_of(scratch.server()).find("is not a directory of its account") != std::string::npos);
    fs::remove(sockets);
    if (::geteuid() == 0) {
        fs::create_directory(sockets);
        REQUIRE(::chown(sockets.c_str(), 4711, 4711) == 0);
        CHECK(message_of(scratch.server()).find("is not a directory of its account") != std::string::npos);
        fs::remove(sockets);
    }
    CHECK(message_of(scratch.server()) == "it started");
}

TEST_CASE("Where the server's account cannot reach the project, the cluster is kept in /var/lib/dibs") {
    if (::geteuid() != 0) {
        WARN("needs root");
        return;
    }
    const ScratchServer scratch("closed/project/.dibs");
    fs::create_directories(scratch.directory());
    fs::permissions(scratch.directory().parent_path().parent_path(), fs::perms::owner_all);
    scratch.server().ensure_running();
    scratch.psql("CREATE TABLE kept AS SELECT 42 AS n");
    REQUIRE(fs::is_symlink(scratch.cluster()));
    const fs::path real = fs::canonical(scratch.cluster());
    CHECK(real.parent_path() == "/var/lib/dibs");
    CHECK(scratch.server().stop());
    scratch.server().ensure_running();
    CHECK(scratch.psql("SELECT n FROM kept") == "42");

    scratch.server().reset();
    CHECK_FALSE(fs::exists(real));
    CHECK_FALSE(fs::is_symlink(scratch.cluster()));
}

TEST_CASE(
    "A cluster of another version than the programs is refused, with both versions, and left as it is") {
    const ScratchCluster scratch;
    const auto names = names_in(scratch.cluster());
    std::ofstream(scratch.cluster() / "PG_VERSION") << "99\n";
    const std::string message = message_of(scratch.server());
    CHECK(message.find("made by PostgreSQL 99") != std::string::npos);
    CHECK(message.find(server().binaries().version + " in ") != std::string::npos);
    CHECK(message.find("apt install postgresql-99") != std::string::npos);
    CHECK(names_in(scratch.cluster()) == names);
}

TEST_CASE("A folder that is no cluster is neither used nor removed") {
    const ScratchServer scratch;
    fs::create_directories(scratch.cluster());
    std::ofstream(scratch.cluster() / "thesis.txt") << "years of work";
    CHECK(message_of(scratch.server()).find("is not a PostgreSQL cluster") != std::string::npos);
    CHECK_THROWS_AS(scratch.server().reset(), Failure);
    CHECK(names_in(scratch.cluster()) == std::vector<std::string>{"thesis.txt"});
    fs::remove_all(scratch.cluster());
}

TEST_CASE("A server that does not start is reported with the end of its log") {
    const ScratchCluster scratch;
    const std::string message = message_of(scratch.server({.settings = {{"max_connections", "many"}}}));
    CHECK(message.find("did not start") != std::string::npos);
    CHECK(message.find("invalid value for parameter \"max_connections\": \"many\"") != std::string::npos);
    CHECK(message_of(scratch.server()) == "it started");
}

TEST_CASE("Reset deletes the cluster, and a next start begins anew") {
    const ScratchCluster scratch;
    Server server = scratch.server();
    server.ensure_running();
    scratch.psql("CREATE TABLE gone ()");
    server.reset();
    CHECK(server.status().state == State::absent);
    CHECK(names_in(scratch.directory()) == std::vector<std::string>{"postgres.lock", "postgres.log"});
    server.ensure_running();
    CHECK(scratch.psql("SELECT to_regclass('gone') IS NULL") == "t");
}

TEST_CASE("Each test has a database of its own") {
    std::string name;
    {
        const Database one;
        const Database two;
        one.psql("CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2)");
        CHECK(one.psql("SELECT n FROM t ORDER BY n") == "1\n2");
        CHECK_THROWS_WITH(two.psql("SELECT n FROM t"), Catch::Contains("relation \"t\" does not exist"));
        name = one.name();
    }
    CHECK(psql(server(), "dibs", "SELECT count(*) FROM pg_database WHERE datname = '" + name + "'") == "0");
}
