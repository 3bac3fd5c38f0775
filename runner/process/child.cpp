#include "process/child.hpp"

#include "process/file_descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>

#ifndef CLOSE_RANGE_CLOEXEC
#    define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

namespace dibs::process {
namespace {

using Step = SpawnError::Step;

struct Trouble {
    Step step;
    int error;
};

std::string_view doing(Step step) {
    switch (step) {
    case Step::streams:
        return "opening its standard streams";
    case Step::account:
        return "changing to its account";
    case Step::directory:
        return "entering its working directory";
    case Step::program:
        break;
    }
    return "executing it";
}

/// Above 2, so that the child's dup2 to 0, 1 and 2 overwrites none that is still needed.
FileDescriptor above_standard(int fd) {
    return FileDescriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

FileDescriptor stream(int fd, const Command& command) {
    FileDescriptor result;
    if (fd < 0) {
        const FileDescriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
        result = above_standard(null.get());
    } else {
        result = above_standard(fd);
    }
    if (!result) {
        throw SpawnError(Step::streams, errno, command);
    }
    return result;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (const std::string& text : texts) {
        result.push_back(const_cast<char*>(text.c_str()));
    }
    result.push_back(nullptr);
    return result;
}

/// Everything is ready before the fork: afterwards only async-signal-safe calls are allowed.
struct Prepared {
    const char* program;
    char* const* argv;
    char* const* environment;
    const char* directory;
    std::optional<Account> account;
    const std::vector<int>& keep_open;
    std::array<int, 3> streams;
    int report;
    bool new_session;
};

void close_on_exec() {
    if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
        return;
    }
    rlimit limit{}; // kernels before 5.11
    const int end = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 1'000'000
                        ? static_cast<int>(limit.rlim_cur)
                        : 1'000'000;
    for (int fd = 3; fd < end; ++fd) {
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
}

Trouble become(const Prepared& prepared) {
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) == 0 &&
            (action.sa_handler != SIG_IGN || number == SIGPIPE)) {
            action = {};
            action.sa_handler = SIG_DFL;
            ::sigaction(number, &action, nullptr);
        }
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);

    if (prepared.new_session) {
        ::setsid(); // cannot fail: a process just forked leads no group
    }
    close_on_exec();
    for (int fd = 0; fd < 3; ++fd) {
        if (::dup2(prepared.streams[static_cast<std::size_t>(fd)], fd) < 0) {
            return {Step::streams, errno};
        }
    }
    for (const int fd : prepared.keep_open) {
        if (::fcntl(fd, F_SETFD, 0) != 0) {
            return {Step::streams, errno};
        }
    }
    if (prepared.account) {
        // The system calls themselves: glibc's wrappers take locks that a thread of the parent may have held.
        const auto [user, group] = *prepared.account;
        if (::syscall(SYS_setgroups, 0UL, nullptr) != 0 ||
            ::syscall(SYS_setresgid, group, group, group) != 0 ||
            ::syscall(SYS_setresuid, user, user, user) != 0) {
            return {Step::account, errno};
        }
    }
    if (prepared.directory != nullptr && ::chdir(prepared.directory) != 0) {
        return {Step::directory, errno};
    }
    ::execve(prepared.program, prepared.argv, prepared.environment);
    return {Step::program, errno};
}

pid_t fork_and_become(const Prepared& prepared) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before); // no handler of the parent may run in the child
    const pid_t pid = ::fork();
    if (pid == 0) {
        const Trouble trouble = become(prepared);
        [[maybe_unused]] const ssize_t written = ::write(prepared.report, &trouble, sizeof trouble);
        ::_exit(127);
    }
    const int error = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = error;
    return pid;
}

FileDescriptor memory_file(std::string_view content = {}) {
    FileDescriptor file(::memfd_create("dibs", MFD_CLOEXEC));
    while (file && !content.empty()) {
        const ssize_t written = ::write(file.get(), content.data(), content.size());
        if (written < 0) {
            break;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    if (!file || !content.empty() || ::lseek(file.get(), 0, SEEK_SET) < 0) {
        throw std::system_error(errno, std::generic_category(), "a file in memory");
    }
    return file;
}

std::string content(const FileDescriptor& file) {
    std::string result;
    std::array<char, 16384> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init)
    ssize_t size = 0;
    while ((size = ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(result.size()))) >
           0) {
        result.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return result;
}

} // namespace

std::string Exit::describe() const {
    if (signal != 0) {
        const char* description = ::sigdescr_np(signal);
        return fmt::format("ended by signal {} ({})", signal,
                           description == nullptr ? "unknown" : description);
    }
    return fmt::format("exit code {}", code);
}

SpawnError::SpawnError(Step step, int error, const Command& command)
    : Failure(report::ExitCode::other,
              fmt::format("Cannot run {}: {} failed: {}", command.argv.empty() ? "" : command.argv.front(),
                          doing(step), std::generic_category().message(error))),
      step_(step), error_(error) {}

Child::Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Child::~Child() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        wait();
    }
}

Exit Child::wait() {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFSIGNALED(status) ? Exit{.code = 0, .signal = WTERMSIG(status)}
                               : Exit{.code = WEXITSTATUS(status)};
}

Child spawn(const Command& command, Streams streams) {
    const std::optional<std::filesystem::path> program =
        command.argv.empty() ? std::nullopt : find_program(command.argv.front());
    if (!program) {
        throw SpawnError(Step::program, ENOENT, command);
    }
    const std::array<FileDescriptor, 3> standard{stream(streams.in, command), stream(streams.out, command),
                                                 stream(streams.err, command)};
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw SpawnError(Step::streams, errno, command);
    }
    const FileDescriptor reader(ends[0]);
    FileDescriptor low_writer(ends[1]);
    FileDescriptor writer = above_standard(low_writer.get());
    low_writer.close();

    const std::vector<char*> argv = pointers(command.argv);
    const std::vector<char*> environment =
        command.environment ? pointers(*command.environment) : std::vector<char*>{};
    const Prepared prepared{.program = program->c_str(),
                            .argv = argv.data(),
                            .environment = command.environment ? environment.data() : environ,
                            .directory = command.directory.empty() ? nullptr : command.directory.c_str(),
                            .account = command.account,
                            .keep_open = command.keep_open,
                            .streams = {standard[0].get(), standard[1].get(), standard[2].get()},
                            .report = writer.get(),
                            .new_session = command.new_session};
    const pid_t pid = fork_and_become(prepared);
    if (pid < 0) {
        throw SpawnError(Step::program, errno, command);
    }
    Child child(pid);
    writer.close();

    Trouble trouble{};
    ssize_t size = 0;
    while ((size = ::read(reader.get(), &trouble, sizeof trouble)) < 0 && errno == EINTR) {
    }
    if (size > 0) {
        child.wait();
        throw SpawnError(trouble.step, trouble.error, command);
    }
    return child;
}

Result run(const Command& command, std::string_view input) {
    const FileDescriptor in = memory_file(input);
    const FileDescriptor out = memory_file();
    const FileDescriptor err = memory_file();
    const Exit exit = spawn(command, {.in = in.get(), .out = out.get(), .err = err.get()}).wait();
    return {.exit = exit, .out = content(out), .err = content(err)};
}

std::optional<std::filesystem::path> find_program(std::string_view name) {
    if (name.empty()) {
        return std::nullopt;
    }
    if (name.find('/') != std::string_view::npos) {
        return name;
    }
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
    while (!rest.empty()) {
        const std::size_t end = rest.find(':');
        const std::filesystem::path folder = rest.substr(0, end);
        std::error_code ignored;
        if (folder.is_absolute() && std::filesystem::is_regular_file(folder / name, ignored) &&
            ::access((folder / name).c_str(), X_OK) == 0) {
            return folder / name;
        }
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return std::nullopt;
}

} // namespace dibs::process
