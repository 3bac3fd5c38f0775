#include "worker/worker.hpp"

#include <sys/prctl.h>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <vector>

#include "plugin/loader.hpp"
#include "report/failure.hpp"
#include "worker/context.hpp"
#include "worker/description.hpp"
#include "worker/forwarding_session.hpp"
#include "worker/message.hpp"
#include "worker/wire.hpp"

namespace dibs::worker {
namespace {

int line_of_this_process = -1;

/// Processes that a migration starts have no part in the line: a copy of it would keep the runner waiting
/// after the worker's death, and a fork that returns from migrate() would report for the worker.
void keep_from_children(int descriptor) {
    line_of_this_process = descriptor;
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    pthread_atfork(nullptr, nullptr, [] { close(line_of_this_process); });
}

void tell_not_loaded(Line& line, const report::Failure& failure) {
    line.send(MessageWriter(Kind::not_loaded).put(std::string_view(failure.what())).put(failure.hint()));
}

/// The libraries of a run, loaded in their order.
class Libraries {
  public:
    explicit Libraries(Line& line) : line_(line) {}

    void load(MessageReader& request) {
        const auto step = request.take<std::size_t>();
        first_ = request.take<std::size_t>();
        const auto end = request.take<std::size_t>();
        const auto count = request.take<std::size_t>();
        if (step == 0 || first_ > end || end > count)
            throw ForeignMessage();
        wanted_.clear();
        loaded_.clear();
        failed_ = false;
        for (std::size_t i = 0; i < count; ++i) {
            plugin::Expected wanted;
            wanted.path = request.text();
            wanted.identity = take_identity(request);
            wanted.checksum = request.text();
            wanted.source_address = request.take<std::uint64_t>();
            wanted.source_size = request.take<std::uint64_t>();
            if (i >= first_)
                wanted_.push_back(std::move(wanted));
        }
        request.end();
        for (std::size_t loaded = 1; loaded <= end - first_ && load_next(); ++loaded)
            if (loaded % step == 0 || loaded == end - first_)
                line_.send(MessageWriter(Kind::loaded));
    }

    /// Goes on loading until a message comes.
    void load_while_idle() {
        while (has_next() && !line_.has_message() && !line_.take_in())
            load_unasked();
    }

    /// Nothing when it could not be loaded, which has been told.
    [[nodiscard]] const plugin::LoadedLibrary* get(std::size_t index) {
        if (index < first_ || index - first_ >= wanted_.size())
            throw ForeignMessage();
        while (has_next() && loaded_.size() <= index - first_)
            load_unasked();
        return index - first_ < loaded_.size() ? &loaded_[index - first_] : nullptr;
    }

  private:
    [[nodiscard]] bool has_next() const { return !failed_ && loaded_.size() < wanted_.size(); }

    void load_unasked() {
        line_.send(MessageWriter(Kind::loading)); // should it crash, this tells what did
        if (load_next())
            line_.send(MessageWriter(Kind::loaded));
    }

    bool load_next() {
        try {
            loaded_.emplace_back(wanted_[loaded_.size()]);
        } catch (const report::Failure& failure) {
            failed_ = true;
            tell_not_loaded(line_, failure);
        }
        return !failed_;
    }

    Line& line_;
    std::size_t first_ = 0; ///< the index that the first of these has
    std::vector<plugin::Expected> wanted_;
    std::vector<plugin::LoadedLibrary> loaded_;
    bool failed_ = false;
};

void describe(Line& line, MessageReader& request) {
    const std::string path = request.text();
    const auto identity = request.last(take_identity(request));
    try {
        const plugin::LoadedSchema library(path, identity);
        DescriptionSender sender(line);
        MessageWriter report(Kind::ended);
        put(report, ending_of([&] { library.describe()(sender); }));
        std::fflush(nullptr); // what it printed is passed on before its end
        sender.checkpoint();
        line.send(report);
    } catch (const report::Failure& failure) {
        tell_not_loaded(line, failure);
    }
}

void run(Line& line, MessageReader& request, Libraries& libraries) {
    const auto index = request.take<std::size_t>();
    const bool backwards = request.take<bool>();
    ForwardingSession session(line, request.last(request.take<int>()));
    const plugin::LoadedLibrary* const library = libraries.get(index);
    if (library == nullptr)
        return;
    const auto function = backwards ? library->rollback() : library->migrate();
    if (function == nullptr)
        throw ForeignMessage();
    MessageWriter report(Kind::ended);
    put(report, run(function, session));
    std::fflush(nullptr); // what it printed belongs to it, and the worker may be killed later
    line.send(report);
}

} // namespace

void answer(Line& line) {
    Libraries libraries(line);
    for (;;) {
        libraries.load_while_idle();
        MessageReader request = line.receive();
        switch (request.kind()) {
        case Kind::load:
            libraries.load(request);
            break;
        case Kind::run:
            run(line, request, libraries);
            break;
        case Kind::describe:
            describe(line, request);
            break;
        default:
            throw ForeignMessage();
        }
    }
}

int serve(int descriptor) {
    // The line's end is seen only between a migration's calls; this ends one that computes, too.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
    keep_from_children(descriptor);
    Line line(descriptor);
    try {
        answer(line);
    } catch (const ForeignMessage& foreign) {
        std::fprintf(stderr, "%s\n", foreign.what());
        return 1;
    } catch (const LineClosed&) { // the runner is done, or dead
        return 0;
    }
}

} // namespace dibs::worker
