#include "support/scratch_server.hpp"

#include "process/child.hpp"
#include "support/server.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace dibs::tests {
namespace {

namespace fs = std::filesystem;

/// Made once for a build tree.
fs::path prepared_cluster() {
    const fs::path directory = DIBS_TEST_BUILD_TREE "/tests/server-template";
    fs::create_directories(directory);
    const embedded::Lock one_at_a_time(directory / "copy.lock", std::chrono::minutes(1));
    embedded::Server server({.directory = directory});
    if (server.status().state == embedded::Status::State::absent) {
        server.ensure_running();
    }
    server.stop();
    return fs::canonical(directory / "postgres");
}

} // namespace

ScratchServer::~ScratchServer() {
    try {
        server().reset(); // what is in /tmp and /var/lib/dibs, too
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
    }
}

embedded::Server ScratchServer::server(embedded::Options options) const {
    options.directory = directory_;
    options.settings.insert(options.settings.begin(), {"fsync", "off"});
    return embedded::Server(std::move(options));
}

std::string ScratchServer::psql(std::string_view sql) const {
    return tests::psql(server(), "dibs", sql);
}

ScratchCluster::ScratchCluster(std::string_view below) : ScratchServer(below) {
    fs::create_directories(directory());
    const process::Result copied = process::run({.argv = {"cp", "--archive", prepared_cluster(), cluster()}});
    if (!copied.exit.ok()) {
        throw std::runtime_error("cp: " + copied.err);
    }
}

pid_t in_child(const std::function<void()>& function) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        std::signal(SIGINT, SIG_DFL); // Catch's handler would report on the parent's test
        try {
            function();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
            ::_exit(1);
        }
        ::_exit(0);
    }
    return pid;
}

int exit_code_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace dibs::tests
