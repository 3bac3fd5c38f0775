#include "database/waiting.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "report/failure.hpp"

namespace dibs::database {
namespace {

using namespace std::chrono_literals;
using report::Failure;
using std::chrono::seconds;
using std::chrono::steady_clock;

/// An address that never answers must not take longer than there is to wait.
seconds patience(steady_clock::duration left) {
    return std::clamp(std::chrono::ceil<seconds>(left), 1s, default_patience);
}

} // namespace

Connection connect_within(std::chrono::milliseconds limit, const std::string& conninfo,
                          std::string_view application_name,
                          const std::function<void(std::string_view)>& waiting) {
    if (limit <= 0ms)
        return Connection(conninfo, application_name);
    const auto deadline = steady_clock::now() + limit;
    steady_clock::duration pause = 50ms;
    bool told = false;
    bool was_hopeless = false;
    for (;;) {
        try {
            return Connection(conninfo, application_name, patience(deadline - steady_clock::now()));
        } catch (const Failure& failure) {
            if (failure.code() != report::ExitCode::unreachable)
                throw;
            if (steady_clock::now() >= deadline)
                throw Failure(failure.code(), failure.what(),
                              fmt::format("It was tried for {} s. {}",
                                          std::chrono::round<seconds>(limit).count(), failure.hint()));
            if (!may_come_up(conninfo, patience(deadline - steady_clock::now()))) {
                if (was_hopeless) // it may have come up between the attempt and the question, but not twice
                    throw;
                was_hopeless = true;
                continue;
            }
            was_hopeless = false;
            if (!told)
                waiting(failure.what());
            told = true;
            std::this_thread::sleep_until(std::min(steady_clock::now() + pause, deadline));
            pause = std::min<steady_clock::duration>(pause * 2, 1s);
        }
    }
}

} // namespace dibs::database
