#include "process/interrupt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include <fmt/format.h>

namespace dibs::process {
namespace {

volatile std::sig_atomic_t noted = 0;
std::array<int, 2> pipe_ends{-1, -1}; // never closed: a handler may use it at any time
int timer = -1;
int either = -1; ///< an epoll of the pipe and the timer

std::chrono::milliseconds limit_in_force{0};
std::chrono::steady_clock::time_point until_when;

extern "C" void note(int signal) {
    const int error = errno;
    noted = signal;
    [[maybe_unused]] const ssize_t written = write(pipe_ends[1], "", 1);
    errno = error;
}

} // namespace

Interrupted::Interrupted(int signal)
    : std::runtime_error(signal == SIGINT ? "interrupted (SIGINT)" : "told to end (SIGTERM)"),
      signal_(signal) {}

TimeIsUp::TimeIsUp(std::chrono::milliseconds limit)
    : std::runtime_error(fmt::format("it took longer than the migration_timeout of {} ms", limit.count())) {}

void note_interrupts() {
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    either = epoll_create1(EPOLL_CLOEXEC);
    if (pipe2(pipe_ends.data(), O_CLOEXEC | O_NONBLOCK) != 0 || timer < 0 || either < 0)
        return; // without descriptors nothing else will work either
    for (const int descriptor : {pipe_ends[0], timer}) {
        epoll_event readable{};
        readable.events = EPOLLIN;
        epoll_ctl(either, EPOLL_CTL_ADD, descriptor, &readable);
    }
    for (const int signal : {SIGINT, SIGTERM}) {
        struct sigaction action {};
        sigaction(signal, nullptr, &action);
        if (action.sa_handler == SIG_IGN)
            continue;
        action.sa_handler = note;
        action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
        sigemptyset(&action.sa_mask);
        sigaction(signal, &action, nullptr);
    }
}

int interrupt() noexcept {
    return noted;
}

int interrupt_descriptor() noexcept {
    return either;
}

void check_interrupt() {
    if (noted != 0)
        throw Interrupted(noted);
    if (limit_in_force.count() > 0 && std::chrono::steady_clock::now() >= until_when)
        throw TimeIsUp(limit_in_force);
}

TimeLimit::TimeLimit(std::chrono::milliseconds limit) {
    if (limit.count() == 0)
        return;
    limit_in_force = limit;
    until_when = std::chrono::steady_clock::now() + limit;
    itimerspec spec{};
    spec.it_value.tv_sec = limit.count() / 1000;
    spec.it_value.tv_nsec = limit.count() % 1000 * 1'000'000;
    timerfd_settime(timer, 0, &spec, nullptr);
}

TimeLimit::~TimeLimit() {
    if (limit_in_force.count() == 0)
        return;
    limit_in_force = std::chrono::milliseconds(0);
    const itimerspec none{};
    timerfd_settime(timer, 0, &none, nullptr); // also makes it unreadable
}

void sleep(std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    for (;;) {
        check_interrupt();
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        if (left <= std::chrono::milliseconds(0))
            return;
        pollfd told{interrupt_descriptor(), POLLIN, 0}; // poll() passes over -1
        poll(&told, 1, static_cast<int>(left.count()));
    }
}

} // namespace dibs::process
