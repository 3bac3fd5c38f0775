#include "process/interrupt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace dibs::process {
namespace {

volatile std::sig_atomic_t noted = 0;
std::array<int, 2> pipe_ends{-1, -1}; // never closed: a handler may use it at any time

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

void note_interrupts() {
    if (pipe2(pipe_ends.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return; // without descriptors nothing else will work either
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
    return pipe_ends[0];
}

void check_interrupt() {
    if (noted != 0)
        throw Interrupted(noted);
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
