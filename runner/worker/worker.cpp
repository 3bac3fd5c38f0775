#include "worker/worker.hpp"

#include <sys/prctl.h>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <mutex>
#include <vector>

#include "plugin/loader.hpp"
#include "report/failure.hpp"
#include "worker/context.hpp"
#include "worker/description.hpp"
#include "worker/message.hpp"
#include "worker/wire.hpp"

namespace dibs::worker {
namespace {

/// A Session at the end of a line.
class ForwardingSession final : public Session {
  public:
    explicit ForwardingSession(Line& line, int server_version)
        : line_(line), server_version_(server_version) {}

    std::uint64_t execute(const Call& call) override {
        MessageWriter request(Kind::execute);
        put(request, call);
        return ask(request).take<std::uint64_t>();
    }
    Table query(const Call& call) override {
        MessageWriter request(Kind::query);
        put(request, call);
        MessageReader answer = ask(request);
        return take_table(answer);
    }
    void savepoint(SavepointAction action, const Call& where) override {
        MessageWriter request(Kind::savepoint);
        request.put(action);
        put(request, where);
        ask(request);
    }
    bool begin_step(const std::string& name, const Call& where) override {
        MessageWriter request(Kind::begin_step);
        request.put(name);
        put(request, where);
        return ask(request).take<bool>();
    }
    void end_step(bool done, const Call& where) override {
        MessageWriter request(Kind::end_step);
        request.put(done);
        put(request, where);
        ask(request);
    }
    void create_index(const IndexDefinition& index, const Call& where) override {
        MessageWriter request(Kind::create_index);
        put(request, index);
        put(request, where);
        ask(request);
    }
    void drop_index(const IndexRemoval& index, const Call& where) override {
        MessageWriter request(Kind::drop_index);
        put(request, index);
        put(request, where);
        ask(request);
    }
    void log(std::string_view text) override {
        const std::lock_guard one_at_a_time(mutex_);
        line_.send(MessageWriter(Kind::log).put(text));
    }
    std::string type_name(std::uint32_t type) override {
        return ask(MessageWriter(Kind::type_name).put(type)).text();
    }
    int server_version() override { return server_version_; }

  private:
    MessageReader ask(const MessageWriter& request) {
        const std::lock_guard one_at_a_time(mutex_);
        line_.send(request);
        MessageReader answer = line_.receive();
        if (answer.take<Kind>() == Kind::refuse)
            throw CallError(take_failure(answer));
        return answer;
    }

    Line& line_;
    int server_version_;
    std::mutex mutex_; ///< a migration may use threads, and a message must not get into another
};

int line_of_this_process = -1;

/// Processes that a migration starts have no part in the line: a copy of it would keep the runner waiting
/// after the worker's death, and a fork that returns from migrate() would report for the worker.
void keep_from_children(int descriptor) {
    line_of_this_process = descriptor;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    pthread_atfork(nullptr, nullptr, [] { close(line_of_this_process); });
}

std::vector<plugin::LoadedLibrary> load(Line& line, MessageReader& request) {
    std::vector<plugin::LoadedLibrary> libraries;
    const auto step = request.take<std::size_t>();
    const auto count = request.take<std::size_t>();
    for (std::size_t i = 0; i < count; ++i) {
        plugin::Expected wanted;
        wanted.path = request.text();
        wanted.identity = request.take<plugin::FileIdentity>();
        wanted.checksum = request.text();
        wanted.source_address = request.take<std::uint64_t>();
        wanted.source_size = request.take<std::uint64_t>();
        try {
            libraries.emplace_back(wanted);
            if ((i + 1) % step == 0 || i + 1 == count)
                line.send(MessageWriter(Kind::loaded));
        } catch (const report::Failure& failure) {
            line.send(
                MessageWriter(Kind::not_loaded).put(std::string_view(failure.what())).put(failure.hint()));
            break;
        }
    }
    return libraries;
}

void describe(Line& line, MessageReader& request) {
    const std::string path = request.text();
    const auto identity = request.take<plugin::FileIdentity>();
    try {
        const plugin::LoadedSchema library(path, identity);
        DescriptionSender sender(line);
        MessageWriter report(Kind::ended);
        put(report, ending_of([&] { library.describe()(sender); }));
        std::fflush(nullptr); // what it printed is passed on before its end
        sender.checkpoint();
        line.send(report);
    } catch (const report::Failure& failure) {
        line.send(MessageWriter(Kind::not_loaded).put(std::string_view(failure.what())).put(failure.hint()));
    }
}

} // namespace

int serve(int descriptor) {
    // The line's end is seen only between a migration's calls; this ends one that computes, too.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
    keep_from_children(descriptor);
    Line line(descriptor);
    std::vector<plugin::LoadedLibrary> libraries;
    try {
        for (;;) {
            MessageReader request = line.receive();
            const auto kind = request.take<Kind>();
            if (kind == Kind::load) {
                libraries = load(line, request);
                continue;
            }
            if (kind == Kind::describe) {
                describe(line, request);
                continue;
            }
            const auto index = request.take<std::size_t>();
            const bool backwards = request.take<bool>();
            ForwardingSession session(line, request.take<int>());
            const plugin::LoadedLibrary& library = libraries.at(index);
            MessageWriter report(Kind::ended);
            put(report, run(backwards ? library.rollback() : library.migrate(), session));
            std::fflush(nullptr); // what it printed belongs to it, and the worker may be killed later
            line.send(report);
        }
    } catch (const LineClosed&) { // the runner is done, or dead
        return 0;
    }
}

} // namespace dibs::worker
