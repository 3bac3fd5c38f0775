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

std::vector<plugin::LoadedLibrary> load(Line& line, MessageReader& request) {
    std::vector<plugin::LoadedLibrary> libraries;
    const auto step = request.take<std::size_t>();
    const auto count = request.take<std::size_t>();
    if (step == 0)
        throw ForeignMessage();
    for (std::size_t i = 0; i < count; ++i) {
        plugin::Expected wanted;
        wanted.path = request.text();
        wanted.identity = take_identity(request);
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
        line.send(MessageWriter(Kind::not_loaded).put(std::string_view(failure.what())).put(failure.hint()));
    }
}

void run(Line& line, MessageReader& request, const std::vector<plugin::LoadedLibrary>& libraries) {
    const auto index = request.take<std::size_t>();
    const bool backwards = request.take<bool>();
    ForwardingSession session(line, request.last(request.take<int>()));
    if (index >= libraries.size())
        throw ForeignMessage();
    const auto function = backwards ? libraries[index].rollback() : libraries[index].migrate();
    if (function == nullptr)
        throw ForeignMessage();
    MessageWriter report(Kind::ended);
    put(report, run(function, session));
    std::fflush(nullptr); // what it printed belongs to it, and the worker may be killed later
    line.send(report);
}

} // namespace

void answer(Line& line) {
    std::vector<plugin::LoadedLibrary> libraries;
    for (;;) {
        MessageReader request = line.receive();
        switch (request.kind()) {
        case Kind::load:
            libraries = load(line, request);
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
