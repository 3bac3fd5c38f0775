#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "process/child.hpp"
#include "process/file_descriptor.hpp"
#include "report/failure.hpp"
#include "worker/host.hpp"
#include "worker/message.hpp"
#include "worker/wire.hpp"
#include "worker/worker.hpp"

namespace dibs::worker {
namespace {

using process::FileDescriptor;

void check(int outcome, const char* what) {
    if (outcome != 0)
        throw report::Failure(report::ExitCode::other,
                              fmt::format("cannot start the worker: {}: {}", what, std::strerror(errno)));
}

/// What plug-ins print, cut into lines.
class Output {
  public:
    Output(FileDescriptor end, std::function<void(std::string_view)> sink)
        : end_(std::move(end)), sink_(std::move(sink)) {}

    [[nodiscard]] int descriptor() const { return end_.get(); }
    /// Reads what is there without waiting.
    void drain() {
        std::array<char, 4096> buffer;
        for (ssize_t got = 0; (got = read(end_.get(), buffer.data(), buffer.size())) != 0;) {
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return;
            pending_.append(buffer.data(), static_cast<std::size_t>(got));
            for (std::size_t end = 0; (end = pending_.find('\n')) != std::string::npos;
                 pending_.erase(0, end + 1))
                sink_(std::string_view(pending_).substr(0, end));
        }
        end_.close();
        finish();
    }
    void finish() {
        if (!pending_.empty())
            sink_(pending_);
        pending_.clear();
    }

  private:
    FileDescriptor end_;
    std::function<void(std::string_view)> sink_;
    std::string pending_;
};

class ProcessHost final : public Host {
  public:
    explicit ProcessHost(std::function<void(std::string_view)> output) {
        std::array<int, 2> sockets{};
        check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()), "socketpair");
        socket_ = FileDescriptor(sockets[0]);
        const FileDescriptor worker_end(sockets[1]);
        std::array<int, 2> pipe{};
        check(pipe2(pipe.data(), O_CLOEXEC), "pipe");
        const FileDescriptor write_end(pipe[1]);
        FileDescriptor read_end(pipe[0]);
        check(fcntl(read_end.get(), F_SETFL, O_NONBLOCK) < 0 ? -1 : 0, "fcntl");
        output_.emplace(std::move(read_end), std::move(output));
        process::Command command;
        command.argv = {"/proc/self/exe", worker_command, std::to_string(worker_end.get())};
        command.keep_open = {worker_end.get()};
        child_.emplace(process::spawn(command, {-1, write_end.get(), write_end.get()}));
        line_.emplace(socket_.get());
    }

    void load(const std::vector<plugin::Expected>& libraries) override {
        MessageWriter request(Kind::load);
        request.put(libraries.size());
        for (const plugin::Expected& library : libraries)
            request.put(library.path)
                .put(library.identity)
                .put(library.checksum)
                .put(library.source_address)
                .put(library.source_size);
        std::size_t loaded = 0;
        try {
            line_->send(request);
            for (; loaded < libraries.size(); ++loaded) {
                MessageReader answer = receive();
                if (answer.take<Kind>() == Kind::loaded)
                    continue;
                const std::string what = answer.text();
                throw report::Failure(report::ExitCode::other, what, answer.text());
            }
        } catch (const LineClosed&) {
            throw report::Failure(
                report::ExitCode::other,
                fmt::format("{}: {} while it was loaded", libraries[loaded].path, death()),
                "A static constructor of it, or of a library it links, does this: move that work into "
                "migrate(). Nothing was changed.");
        }
    }

    Ending run(std::size_t library, bool backwards, Session& session) override {
        try {
            line_->send(MessageWriter(Kind::run).put(library).put(backwards).put(session.server_version()));
            for (;;) {
                MessageReader request = receive();
                const auto kind = request.take<Kind>();
                if (kind == Kind::ended)
                    return take_ending(request);
                if (kind == Kind::log)
                    session.log(request.text());
                else
                    line_->send(answer(kind, request, session));
            }
        } catch (const LineClosed&) {
            throw WorkerDied(death());
        }
    }

  private:
    static MessageWriter answer(Kind kind, MessageReader& request, Session& session) {
        MessageWriter answer(Kind::answer);
        try {
            if (kind == Kind::execute) {
                answer.put(session.execute(take_call(request)));
            } else if (kind == Kind::query) {
                put(answer, session.query(take_call(request)));
            } else if (kind == Kind::savepoint) {
                const auto action = request.take<SavepointAction>();
                session.savepoint(action, take_call(request));
            } else if (kind == Kind::type_name) {
                answer.put(session.type_name(request.take<std::uint32_t>()));
            }
            return answer;
        } catch (const CallError& error) {
            MessageWriter refusal(Kind::refuse);
            put(refusal, error.failure());
            return refusal;
        }
    }

    /// The next message; what was printed before it is passed on first.
    MessageReader receive() {
        for (;;) {
            std::array<pollfd, 2> ends{{{socket_.get(), POLLIN, 0}, {output_->descriptor(), POLLIN, 0}}};
            if (poll(ends.data(), ends.size(), -1) < 0 && errno != EINTR)
                throw LineClosed();
            if (ends[1].revents != 0)
                output_->drain();
            if (ends[0].revents != 0)
                return line_->receive();
        }
    }

    std::string death() {
        const process::Exit exit = child_->wait();
        child_.reset();
        output_->drain();
        output_->finish();
        return exit.signal != 0 ? fmt::format("the process crashed with signal {} ({})", exit.signal,
                                              strsignal(exit.signal))
                                : fmt::format("the process was ended by exit({})", exit.code);
    }

    FileDescriptor socket_;
    std::optional<Output> output_;
    std::optional<Line> line_;
    std::optional<process::Child> child_; // destroyed first: what is left of the worker is killed
};

} // namespace

std::unique_ptr<Host> separate_process(std::function<void(std::string_view)> output) {
    return std::make_unique<ProcessHost>(std::move(output));
}

} // namespace dibs::worker
