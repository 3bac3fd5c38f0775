#include "process/child.hpp"

#include "process/file_descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>

using namespace dibs::process;
namespace fs = std::filesystem;

namespace {

Result shell(const std::string& script) {
    return run({.argv = {"/bin/sh", "-c", script}});
}

bool is_root() {
    return ::geteuid() == 0;
}

struct Pipe {
    Pipe() {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        reader = FileDescriptor(ends[0]);
        writer = FileDescriptor(ends[1]);
    }
    FileDescriptor reader;
    FileDescriptor writer;
};

/// True once every copy of the writing end is closed.
bool hung_up(const Pipe& pipe) {
    pollfd event{.fd = pipe.reader.get(), .events = 0, .revents = 0};
    return ::poll(&event, 1, 0) == 1 && (event.revents & POLLHUP) != 0;
}

} // namespace

TEST_CASE("A child's output, errors and exit code are told apart") {
    const Result result = shell("echo out; echo err >&2; exit 3");
    CHECK(result.out == "out\n");
    CHECK(result.err == "err\n");
    CHECK(result.exit.code == 3);
    CHECK_FALSE(result.exit.ok());
    CHECK(result.exit.describe() == "exit code 3");
}

TEST_CASE("A child that dies of a signal is told from one that exits") {
    const Result result = shell("kill -TERM $$");
    CHECK(result.exit.signal == SIGTERM);
    CHECK_FALSE(result.exit.ok());
    CHECK(result.exit.describe() == "ended by signal 15 (Terminated)");
}

TEST_CASE("Arguments reach the program untouched by any shell") {
    const Result result = run({.argv = {"printf", "%s|", "$HOME", "a b", "`id`", "", "\"'\\"}});
    CHECK(result.out == "$HOME|a b|`id`||\"'\\|");
}

TEST_CASE("Input and output larger than a pipe's buffer pass through") {
    const std::string text(3'000'000, 'x');
    CHECK(run({.argv = {"cat"}}, text).out == text);
}

TEST_CASE("A child that does not read its input does no harm") {
    CHECK(run({.argv = {"true"}}, std::string(1'000'000, 'x')).exit.ok());
}

TEST_CASE("The environment is the given one, and nothing else") {
    CHECK(run({.argv = {"env"}, .environment = {{"A=1", "B=two words"}}}).out == "A=1\nB=two words\n");
}

TEST_CASE("A child starts in the given directory") {
    CHECK(run({.argv = {"pwd"}, .directory = "/usr/lib"}).out == "/usr/lib\n");
}

TEST_CASE("What cannot be started is an error that says at which step") {
    const auto step_of = [](const Command& command) {
        try {
            run(command);
        } catch (const SpawnError& error) {
            return std::pair(error.step(), error.error());
        }
        return std::pair(SpawnError::Step::streams, 0);
    };
    CHECK(step_of({.argv = {"no-such-program-of-dibs"}}) == std::pair(SpawnError::Step::program, ENOENT));
    CHECK(step_of({.argv = {"/etc/passwd"}}) == std::pair(SpawnError::Step::program, EACCES));
    CHECK(step_of({.argv = {}}) == std::pair(SpawnError::Step::program, ENOENT));
    CHECK(step_of({.argv = {"true"}, .directory = "/nowhere"}) ==
          std::pair(SpawnError::Step::directory, ENOENT));
    CHECK_THROWS_WITH(run({.argv = {"no-such-program-of-dibs"}}),
                      "Cannot run no-such-program-of-dibs: executing it failed: No such file or directory");
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1); // no child is left, not even a dead one
}

TEST_CASE("A child inherits no file but those it is told to keep") {
    const Pipe kept;
    const Pipe other;
    const Result result =
        run({.argv = {"ls", "/proc/self/fd"}, .environment = {}, .keep_open = {kept.writer.get()}});
    // 0, 1, 2, the kept one, and the directory that ls itself opened at the first free number.
    CHECK(result.out.find(std::to_string(kept.writer.get()) + "\n") != std::string::npos);
    CHECK(result.out.find(std::to_string(other.writer.get()) + "\n") == std::string::npos);
}

TEST_CASE("A pipe of the parent ends although a child still runs") {
    Pipe pipe;
    const Child child = spawn({.argv = {"sleep", "60"}});
    pipe.writer.close();
    CHECK(hung_up(pipe));
}

TEST_CASE("A child that is not waited for is killed and reaped") {
    pid_t pid = 0;
    {
        const Child child = spawn({.argv = {"sleep", "60"}});
        pid = child.pid();
        REQUIRE(::kill(pid, 0) == 0);
    }
    CHECK(::kill(pid, 0) == -1);
    CHECK(errno == ESRCH);
}

TEST_CASE("A child in a session of its own is in no group of its parent") {
    const Child other = spawn({.argv = {"sleep", "60"}, .new_session = true});
    CHECK(::getsid(other.pid()) == other.pid());
    const Child same = spawn({.argv = {"sleep", "60"}});
    CHECK(::getsid(same.pid()) == ::getsid(0));
}

TEST_CASE("Output goes where it is directed") {
    const fs::path file = fs::temp_directory_path() / ("dibs-child-" + std::to_string(::getpid()));
    {
        const FileDescriptor fd(::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
        CHECK(spawn({.argv = {"sh", "-c", "echo one; echo two >&2"}}, {.out = fd.get(), .err = fd.get()})
                  .wait()
                  .ok());
    }
    std::ifstream stream(file);
    CHECK(std::string(std::istreambuf_iterator<char>(stream), {}) == "one\ntwo\n");
    fs::remove(file);
}

TEST_CASE(
    "A child can be ended by SIGPIPE and SIGTERM although its parent ignores the one and blocks the other") {
    const auto old = std::signal(SIGPIPE, SIG_IGN);
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, nullptr);
    CHECK(shell("kill -PIPE $$; echo alive").exit.signal == SIGPIPE);
    CHECK(shell("kill -TERM $$; echo alive").exit.signal == SIGTERM);
    sigset_t now;
    ::sigprocmask(SIG_UNBLOCK, &term, &now);
    CHECK(::sigismember(&now, SIGTERM) == 1); // the parent's own mask is as it was
    std::signal(SIGPIPE, old);
}

TEST_CASE("A child of root runs under the account it is given, without root's groups") {
    if (!is_root()) {
        WARN("needs root");
        return;
    }
    const Command command{.argv = {"sh", "-c", "id -u; id -g; id -G; grep CapEff /proc/self/status"},
                          .account = Account{.user = 65534, .group = 65534}};
    CHECK(run(command).out == "65534\n65534\n65534\nCapEff:\t0000000000000000\n");
}

TEST_CASE("A directory is entered with the rights of the child's account") {
    if (!is_root()) {
        WARN("needs root");
        return;
    }
    const fs::path folder = fs::temp_directory_path() / ("dibs-closed-" + std::to_string(::getpid()));
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::owner_all);
    const Command command{
        .argv = {"true"}, .directory = folder, .account = Account{.user = 65534, .group = 65534}};
    CHECK_THROWS_AS(run(command), SpawnError);
    fs::permissions(folder, fs::perms(0755));
    CHECK(run(command).exit.ok());
    fs::remove(folder);
}
