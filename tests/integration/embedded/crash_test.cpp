#include "embedded/server.hpp"

#include "embedded/location.hpp"
#include "embedded/postmaster.hpp"
#include "report/failure.hpp"
#include "support/scratch_server.hpp"
#include "support/server.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

using namespace dibs::tests;
using namespace dibs::embedded;
using State = Status::State;
namespace fs = std::filesystem;
namespace process = dibs::process;

namespace {

void kill_postmaster(const ScratchServer& scratch) {
    const auto pid = scratch.server().status().pid;
    REQUIRE(pid);
    REQUIRE(::kill(*pid, SIGKILL) == 0);
    REQUIRE(eventually([&] { return !is_postmaster(*pid, scratch.cluster()); }));
}

std::vector<fs::path> unfinished_in(const fs::path& directory) {
    std::vector<fs::path> result;
    std::error_code absent;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, absent)) {
        if (entry.path().native().find(".unfinished-") != std::string::npos) {
            result.push_back(entry.path());
        }
    }
    return result;
}

/// Another process's number stands in the pid file, and the process runs as the server's account: PostgreSQL
/// itself cannot tell it from a server.
process::Child take_over_pid_file(const ScratchServer& scratch) {
    process::Child other =
        process::spawn({.argv = {"sleep", "600"}, .account = locate(scratch.directory()).account});
    std::ifstream in(scratch.cluster() / "postmaster.pid");
    std::string text(std::istreambuf_iterator<char>(in), {});
    text.replace(0, text.find('\n'), std::to_string(other.pid()));
    std::ofstream(scratch.cluster() / "postmaster.pid") << text;
    return other;
}

} // namespace

TEST_CASE("After its postmaster was killed, the server starts again and has what was committed") {
    const ScratchCluster scratch;
    scratch.server().ensure_running();
    scratch.psql("CREATE TABLE kept AS SELECT 42 AS n");
    kill_postmaster(scratch);
    CHECK(fs::exists(scratch.cluster() / "postmaster.pid"));
    CHECK(scratch.server().status().state == State::stopped);
    scratch.server().ensure_running();
    CHECK(scratch.psql("SELECT n FROM kept") == "42");
}

TEST_CASE(
    "A pid file whose number another process has now does not keep the server down, nor harm that process") {
    const ScratchCluster scratch;
    scratch.server().ensure_running();
    kill_postmaster(scratch);
    const process::Child other = take_over_pid_file(scratch);

    REQUIRE(eventually([&] { return server_processes(scratch.cluster()).empty(); }));
    const Location location = locate(scratch.directory());
    const process::Result by_hand = process::run(server_command(
        location, scratch.cluster(), {scratch.server().binaries().program("postgres"), "-D", "."}));
    CHECK(by_hand.err.find("lock file \"postmaster.pid\" already exists") != std::string::npos);

    CHECK_FALSE(scratch.server().stop());
    scratch.server().ensure_running();
    CHECK(scratch.psql("SELECT 1") == "1");
    CHECK(::kill(other.pid(), 0) == 0);
}

TEST_CASE("A backend that outlived its postmaster is named, and no second server is started beside it") {
    const ScratchCluster scratch;
    scratch.server().ensure_running();
    const auto session =
        process::spawn({.argv = {scratch.server().binaries().program("psql"), "-Xc",
                                 "DO 'BEGIN LOOP END LOOP; END'", scratch.server().conninfo()}});
    std::string backend;
    REQUIRE(eventually([&] {
        backend =
            scratch.psql("SELECT pid FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'");
        return !backend.empty();
    }));
    kill_postmaster(scratch);

    const Options hasty{.directory = {}, .patience = std::chrono::milliseconds(500)};
    try {
        scratch.server(hasty).ensure_running();
        FAIL("a second server was started");
    } catch (const dibs::report::Failure& failure) {
        CHECK(std::string(failure.hint()).find("kill " + backend) != std::string::npos);
    }
    // The guard of PostgreSQL itself is still there, even where the pid file had to be given up.
    const process::Child other = take_over_pid_file(scratch);
    disown_pid_file(scratch.cluster());
    const process::Result by_hand =
        process::run(server_command(locate(scratch.directory()), scratch.cluster(),
                                    {scratch.server().binaries().program("postgres"), "-D", "."}));
    CHECK(by_hand.err.find("pre-existing shared memory block") != std::string::npos);

    REQUIRE(::kill(std::stoi(backend), SIGKILL) == 0);
    scratch.server().ensure_running();
    CHECK(scratch.psql("SELECT 1") == "1");
}

TEST_CASE("A cluster whose making was killed half-way is never used, and cleared away at the next start") {
    const ScratchServer scratch;
    const pid_t child = in_child([&] {
        ::setpgid(0, 0);
        scratch.server().ensure_running();
    });
    REQUIRE(eventually([&] {
        const auto folders = unfinished_in(scratch.directory());
        return !folders.empty() && fs::exists(folders.front() / "PG_VERSION");
    }));
    REQUIRE(::kill(-child, SIGKILL) == 0); // dibs, initdb, and the server that initdb runs
    CHECK(exit_code_of(child) == -1);
    REQUIRE(unfinished_in(scratch.directory()).size() == 1);
    CHECK(scratch.server().status().state == State::absent);

    scratch.server().ensure_running();
    CHECK(scratch.psql("SELECT 1") == "1");
    CHECK(unfinished_in(scratch.directory()).empty());
}

TEST_CASE("An initdb that outlives the dibs that started it is waited for") {
    const ScratchServer scratch;
    const pid_t child = in_child([&] { scratch.server().ensure_running(); });
    REQUIRE(eventually([&] {
        const auto folders = unfinished_in(scratch.directory());
        return !folders.empty() && fs::exists(folders.front() / "PG_VERSION");
    }));
    REQUIRE(::kill(child, SIGKILL) == 0);
    CHECK(exit_code_of(child) == -1);
    REQUIRE(scratch.server().status().state == State::absent);
    CHECK_THROWS_AS(Lock(scratch.directory() / "postgres.lock", std::chrono::milliseconds(0)),
                    dibs::report::Failure);

    scratch.server().ensure_running();
    CHECK(scratch.psql("SELECT 1") == "1");
    CHECK(unfinished_in(scratch.directory()).empty());
}

TEST_CASE("The server outlives its parent and an interrupt at its terminal, and holds none of its files") {
    const ScratchCluster scratch;
    int pipe[2];
    REQUIRE(::pipe(pipe) == 0); // without O_CLOEXEC, as a shell's $(...) is
    const pid_t child = in_child([&] {
        ::setpgid(0, 0);
        scratch.server().ensure_running();
        ::raise(SIGSTOP);
    });
    ::close(pipe[1]);
    REQUIRE(eventually([&] { return scratch.server().status().state == State::running; }));
    ::kill(-child, SIGINT);
    ::kill(-child, SIGKILL);
    CHECK(exit_code_of(child) == -1);

    pollfd end{.fd = pipe[0], .events = 0, .revents = 0};
    CHECK(::poll(&end, 1, 5000) == 1);
    CHECK((end.revents & POLLHUP) != 0);
    ::close(pipe[0]);

    const auto pid = scratch.server().status().pid;
    REQUIRE(pid);
    CHECK(::getsid(*pid) == *pid);
    CHECK(scratch.psql("SELECT 1") == "1");
}

TEST_CASE("A server that lost its socket is started anew") {
    const ScratchCluster scratch;
    const Endpoint endpoint = scratch.server().ensure_running();
    fs::remove_all(endpoint.socket_directory);
    CHECK(scratch.server().ensure_running() == endpoint);
    CHECK(scratch.psql("SELECT 1") == "1");
}

TEST_CASE("A server whose cluster was deleted under it does not take the next one's socket away") {
    const ScratchServer scratch;
    scratch.server().ensure_running();
    const auto before = scratch.server().status().pid;
    fs::remove_all(scratch.directory());
    scratch.server().ensure_running();
    REQUIRE(before);
    CHECK(scratch.server().status().pid != before);
    CHECK(fs::read_symlink("/proc/" + std::to_string(*scratch.server().status().pid) + "/cwd") ==
          scratch.cluster());
    const auto processes = server_processes(scratch.cluster());
    CHECK(std::ranges::none_of(processes,
                               [](const ServerProcess& process) { return process.directory_deleted; }));
    CHECK(scratch.psql("SELECT 1") == "1");
}

TEST_CASE("A copy of a project gets a server of its own while the first one runs") {
    const ScratchCluster first;
    const Endpoint endpoint = first.server().ensure_running();
    const ScratchServer copy("copy/.dibs");
    fs::create_directories(copy.directory());
    REQUIRE(process::run({.argv = {"cp", "--archive", first.cluster(), copy.cluster()}}).exit.ok());
    CHECK(copy.server().status().state == State::stopped);
    CHECK_FALSE(copy.server().stop());
    CHECK(copy.server().ensure_running() != endpoint);
    CHECK(copy.server().status().pid != first.server().status().pid);
    CHECK(first.psql("SELECT 1") == "1");
    CHECK(copy.psql("SELECT 1") == "1");
}
