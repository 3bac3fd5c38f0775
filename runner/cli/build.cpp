#include "cli/build.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <future>
#include <system_error>

#include <fmt/format.h>

#include "cli/new_file.hpp"
#include "cli/program.hpp"
#include "config/environment.hpp"
#include "process/access.hpp"
#include "process/child.hpp"
#include "process/file_descriptor.hpp"

namespace dibs::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using process::FileDescriptor;
using report::ExitCode;
using report::Failure;

/// dibs.yaml is looked for upwards: the one in /tmp may be anybody's, and its `build:` would run as us.
void check_trust(const config::Settings& settings) {
    process::AccessCheck check;
    std::optional<process::Exposure> found = check.way_to(settings.root);
    if (!found)
        found = check.way_to(*settings.file);
    if (found)
        throw Failure(ExitCode::usage,
                      fmt::format("the `build:` of dibs.yaml is not run: {} {}", found->path, found->why),
                      fmt::format("Whoever writes it could run commands as you. If the project is yours, {}; "
                                  "else build it yourself and run dibs with --no-build. Nothing was changed.",
                                  found->cure));
}

/// Two builds in one folder would write into each other's files.
FileDescriptor build_lock(const Invocation& invocation) {
    const fs::path& root = invocation.settings.root;
    FileDescriptor lock(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock)
        cannot("open the folder", root);
    if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0)
        return lock;
    if (!invocation.sink.verbosity().quiet)
        invocation.sink.error("Waiting for another build of this project ...");
    while (flock(lock.get(), LOCK_EX) != 0)
        if (errno != EINTR)
            cannot("lock the folder", root);
    return lock;
}

std::vector<std::string> build_environment() {
    std::vector<std::string> all;
    for (char** variable = environ; *variable != nullptr; ++variable)
        all.emplace_back(*variable);
    const config::Environment get = config::process_environment();
    // find_package(dibs) finds the SDK of this very program, wherever that is (CMake: <PackageName>_ROOT).
    if (!get("dibs_ROOT") && !get("dibs_DIR"))
        all.push_back("dibs_ROOT=" + own_prefix().string());
    // With hundreds of libraries make takes seconds to find that nothing is to be done. This is what a new
    // build folder takes; one that has a generator keeps it.
    if (!get("CMAKE_GENERATOR") && process::find_program("ninja"))
        all.emplace_back("CMAKE_GENERATOR=Ninja");
    return all;
}

/// What the build prints, on its way to the sink: line by line, or kept until it is known to have failed.
class Output {
  public:
    Output(report::Sink& sink, bool at_once) : sink_(sink), at_once_(at_once) {}

    void take(std::string_view part) {
        text_ += part;
        if (at_once_)
            if (const std::size_t end = text_.rfind('\n'); end != std::string::npos) {
                sink_.error(std::string_view(text_).substr(0, end));
                text_.erase(0, end + 1);
            }
    }
    void tell_rest() {
        if (text_.ends_with('\n'))
            text_.pop_back();
        if (!text_.empty())
            sink_.error(text_);
        text_.clear();
    }

  private:
    report::Sink& sink_;
    bool at_once_;
    std::string text_;
};

/// Until the build has ended and all is read that it wrote; what it leaves running may keep the pipe open.
void follow(int pipe, const std::atomic<bool>& ended, Output& output, report::Sink& sink) {
    const bool people = isatty(STDERR_FILENO) != 0 && !sink.verbosity().quiet;
    const auto begun = std::chrono::steady_clock::now();
    bool told = !people;
    std::array<char, 65536> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init)
    for (;;) {
        const bool was_ended = ended;
        pollfd ready{.fd = pipe, .events = POLLIN, .revents = 0};
        if (poll(&ready, 1, was_ended ? 0 : 10) > 0) {
            const ssize_t size = read(pipe, buffer.data(), buffer.size());
            if (size > 0)
                output.take({buffer.data(), static_cast<std::size_t>(size)});
            else if (size == 0)
                return;
        } else if (was_ended) {
            return;
        }
        if (!told && std::chrono::steady_clock::now() - begun > 300ms) {
            sink.error("Building ...");
            told = true;
        }
    }
}

process::Exit run_build(Invocation& invocation, const std::string& command) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw std::system_error(errno, std::generic_category(), "a pipe for the build");
    const FileDescriptor reader(ends[0]);
    FileDescriptor writer(ends[1]);
    process::Child child = process::spawn({.argv = {"/bin/sh", "-c", command},
                                           .environment = build_environment(),
                                           .directory = invocation.settings.root},
                                          {.in = -1, .out = writer.get(), .err = writer.get()});
    writer.close();
    std::atomic<bool> ended = false;
    auto exit = std::async(std::launch::async, [&] {
        const process::Exit result = child.wait();
        ended = true;
        return result;
    });
    Output output(invocation.sink, invocation.sink.verbosity().verbose);
    follow(reader.get(), ended, output, invocation.sink);
    const process::Exit result = exit.get();
    if (!result.ok() || invocation.sink.verbosity().verbose)
        output.tell_rest();
    return result;
}

} // namespace

Option no_build_option() {
    return {.name = "no-build",
            .help = "take the libraries as they are: do not run the `build:` of dibs.yaml"};
}

bool builds(const Invocation& invocation) {
    const config::Settings& settings = invocation.settings;
    return settings.file && settings.build.value_or("").find_first_not_of(" \t\n") != std::string::npos &&
           !invocation.arguments.has("no-build");
}

void build(Invocation& invocation, Needs needs) {
    if (!builds(invocation))
        return;
    const config::Settings& settings = invocation.settings;
    const std::string command = *settings.build;
    if (needs == Needs::database)
        (void)config::required_database(settings); // nobody waits for a build to be told this
    check_trust(settings);
    const FileDescriptor lock = build_lock(invocation);
    invocation.sink.detail("Building: " + command);
    const process::Exit exit = run_build(invocation, command);
    if (!exit.ok())
        throw Failure(ExitCode::other, fmt::format("the build failed ({}): {}", exit.describe(), command),
                      "Its own messages are above. --no-build takes the libraries as they are. Nothing was "
                      "changed.");
}

} // namespace dibs::cli
