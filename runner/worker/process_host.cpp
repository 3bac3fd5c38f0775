#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>

#include "plugin/safety.hpp"
#include "process/child.hpp"
#include "process/file_descriptor.hpp"
#include "process/interrupt.hpp"
#include "report/failure.hpp"
#include "worker/host.hpp"
#include "worker/message.hpp"
#include "worker/runner_end.hpp"
#include "worker/worker.hpp"

namespace dibs::worker {
namespace {

using process::FileDescriptor;

void check(int outcome, const char* what) {
    if (outcome != 0)
        throw report::Failure(report::ExitCode::other,
                              fmt::format("cannot start the worker: {}: {}", what, std::strerror(errno)));
}

/// Readable when the process has ended. Invalid before Linux 5.3.
FileDescriptor end_of(pid_t child) {
    return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
}

/// Readable when one of them is; an invalid one never is.
FileDescriptor any_of(std::initializer_list<int> descriptors) {
    FileDescriptor set(epoll_create1(EPOLL_CLOEXEC));
    for (const int descriptor : descriptors) {
        epoll_event readable{};
        readable.events = EPOLLIN;
        if (descriptor >= 0)
            check(epoll_ctl(set.get(), EPOLL_CTL_ADD, descriptor, &readable), "epoll_ctl");
    }
    return set;
}

/// What plug-ins print, cut into lines.
class Output {
  public:
    Output(FileDescriptor end, std::function<void(std::string_view)> sink)
        : end_(std::move(end)), sink_(std::move(sink)) {}

    [[nodiscard]] int descriptor() const { return end_.get(); }
    /// Reads what is there without waiting; a pipe holds less than the buffer, so one call takes all of it.
    /// @return false when there was nothing
    bool read_some() {
        const ssize_t got = read(end_.get(), buffer_.data(), buffer_.size());
        if (got < 0)
            return errno == EINTR;
        if (got == 0) {
            end_.close();
            finish();
            return false;
        }
        std::string_view text(buffer_.data(), static_cast<std::size_t>(got));
        for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;
             text.remove_prefix(end + 1)) {
            pending_ += text.substr(0, end);
            sink_(pending_);
            pending_.clear();
        }
        pending_ += text;
        if (pending_.size() > longest_line)
            finish();
        return true;
    }
    void finish() {
        if (!pending_.empty())
            sink_(pending_);
        pending_.clear();
    }

  private:
    static constexpr std::size_t longest_line = 1 << 20; ///< bytes; a longer one is cut

    FileDescriptor end_;
    std::function<void(std::string_view)> sink_;
    std::array<char, 65536> buffer_{};
    std::string pending_;
};

/// The runner's own, but nothing is loaded from a path that depends on the current folder.
std::optional<std::vector<std::string>> worker_environment() {
    constexpr std::string_view name = "LD_LIBRARY_PATH=";
    bool changed = false;
    std::vector<std::string> all;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (!text.starts_with(name)) {
            all.emplace_back(text);
            continue;
        }
        const plugin::SearchPath path = plugin::split_search_path(text.substr(name.size()));
        changed = changed || !path.relative.empty();
        all.push_back(std::string(name) + path.fixed);
    }
    return changed ? std::optional(std::move(all)) : std::nullopt;
}

class ProcessHost final : public Host {
  public:
    explicit ProcessHost(std::function<void(std::string_view)> output) : output_sink_(std::move(output)) {
        start();
    }

    void load(const std::vector<plugin::Expected>& libraries) override {
        libraries_ = libraries;
        try {
            runner_end_->load(libraries_, {.at_once = loaded_first, .step = loaded_first});
        } catch (const LineClosed&) { // once more, one at a time, to tell which of them it was
            start();
            try {
                runner_end_->load(libraries_, {.at_once = loaded_first});
            } catch (const LineClosed& end) {
                const NotLoaded why = next_not_loaded(end);
                throw NotLoaded(why.what(), why.hint() + " Nothing was changed.");
            }
        }
    }

    Ending run(std::size_t library, bool backwards, Session& session) override {
        for (bool again = false;; again = true) {
            if (crashes_ && library >= libraries_.size())
                throw NotLoaded(*crashes_);
            try {
                if (again) {
                    start();
                    runner_end_->load(libraries_, {.from = library, .at_once = libraries_.size()});
                }
                return runner_end_->run(library, backwards, session);
            } catch (const LineClosed& end) {
                if (!runner_end_->loads())
                    throw WorkerDied(death(end));
                // It had not come to that migration, which a worker without those libraries can still run.
                crashes_ = next_not_loaded(end);
                libraries_.resize(runner_end_->loaded());
            }
        }
    }

    Ending describe(const plugin::SchemaLibrary& library, dibs::SchemaSink& sink) override {
        try {
            return runner_end_->describe(library, sink);
        } catch (const LineClosed& end) {
            throw WorkerDied(death(end));
        }
    }

    [[nodiscard]] int end_descriptor() const override { return ends_.get(); }

  private:
    void start() {
        child_.reset();
        std::array<int, 2> sockets{};
        check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()), "socketpair");
        socket_ = FileDescriptor(sockets[0]);
        const FileDescriptor worker_end(sockets[1]);
        std::array<int, 2> pipe{};
        check(pipe2(pipe.data(), O_CLOEXEC), "pipe");
        const FileDescriptor write_end(pipe[1]);
        FileDescriptor read_end(pipe[0]);
        check(fcntl(read_end.get(), F_SETFL, O_NONBLOCK) < 0 ? -1 : 0, "fcntl");
        output_.emplace(std::move(read_end), output_sink_);
        process::Command command;
        command.argv = {"/proc/self/exe", worker_command, std::to_string(worker_end.get())};
        command.keep_open = {worker_end.get()};
        command.environment = worker_environment();
        child_.emplace(process::spawn(command, {-1, write_end.get(), write_end.get()}));
        line_.emplace(socket_.get());
        runner_end_.emplace(*line_, [this] { return receive(); });
        end_ = end_of(child_->pid());
        ends_ = any_of({end_.get(), process::interrupt_descriptor()});
    }

    /// The worker has ended while it loaded the one that follows those that it has.
    NotLoaded next_not_loaded(const LineClosed& end) {
        return {
            fmt::format("{}: {} while it was loaded", libraries_.at(runner_end_->loaded()).path, death(end)),
            "A static constructor of it, or of a library it links, does this: move that work into "
            "migrate()."};
    }

    /// The next message; what was printed before it is passed on first.
    MessageReader receive() {
        while (!line_->has_message()) {
            wait();
            line_->take_in();
        }
        output_->read_some();
        return line_->receive();
    }

    /// Until there is more on the line. @throws process::Interrupted
    void wait() {
        for (;;) {
            process::check_interrupt();
            std::array<pollfd, 3> ends{{{socket_.get(), POLLIN, 0},
                                        {output_->descriptor(), POLLIN, 0},
                                        {process::interrupt_descriptor(), POLLIN, 0}}};
            if (poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR)
                throw LineClosed();
            if (ends[1].revents != 0)
                output_->read_some();
            if (ends[0].revents != 0)
                return;
        }
    }

    /// To be called when the line has ended; ends the worker, where it lives.
    std::string death(const LineClosed& why) {
        const bool foreign = dynamic_cast<const ForeignMessage*>(&why) != nullptr;
        pollfd end{end_.get(), POLLIN, 0};
        const bool lives = foreign || (end_ && poll(&end, 1, 1000) == 0);
        if (lives) // nothing that it does can count any more
            kill(child_->pid(), SIGKILL);
        const process::Exit exit = child_->wait();
        child_.reset();
        while (output_->read_some()) {
        }
        output_->finish();
        if (foreign)
            return "it wrote to the descriptor that connects it to dibs, and was ended";
        if (lives)
            return "it closed the descriptor that connects it to dibs, and was ended";
        if (exit.signal == SIGKILL) // no program sends itself that: somebody did, or the kernel
            return fmt::format(
                "the process was killed with signal {} ({}): by hand, or because memory ran out", exit.signal,
                strsignal(exit.signal));
        return exit.signal != 0 ? fmt::format("the process crashed with signal {} ({})", exit.signal,
                                              strsignal(exit.signal))
                                : fmt::format("the process was ended by exit({})", exit.code);
    }

    std::function<void(std::string_view)> output_sink_;
    FileDescriptor socket_;
    FileDescriptor end_;  ///< of the worker
    FileDescriptor ends_; ///< or a signal, or a time limit
    std::optional<Output> output_;
    std::optional<Line> line_;
    std::optional<RunnerEnd> runner_end_;
    std::vector<plugin::Expected> libraries_; ///< without the one that crashes_, and those after it
    std::optional<NotLoaded> crashes_;
    std::optional<process::Child> child_; // destroyed first: what is left of the worker is killed
};

} // namespace

std::unique_ptr<Host> separate_process(std::function<void(std::string_view)> output) {
    return std::make_unique<ProcessHost>(std::move(output));
}

} // namespace dibs::worker
