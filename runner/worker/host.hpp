#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/loader.hpp"
#include "report/failure.hpp"
#include "worker/session.hpp"

namespace dibs::worker {

/// The process that ran migrations ended on its own: a crash, or a call of exit().
class WorkerDied : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A library cannot be loaded; names it.
class NotLoaded final : public report::Failure {
  public:
    NotLoaded(const std::string& what, std::string hint)
        : Failure(report::ExitCode::other, what, std::move(hint)) {}
};

/// Where plug-ins run.
class Host {
  public:
    /// As many libraries of a run are loaded before anything is changed, so that one that cannot be is found
    /// then. Those of a longer run may be loaded while the server works.
    static constexpr std::size_t loaded_first = 64;

    virtual ~Host() = default;
    /// Loads the libraries of a run, the first `loaded_first` at once.
    /// @throws report::Failure that names the library
    virtual void load(const std::vector<plugin::Expected>& libraries) = 0;
    /// Calls migrate() of one of them, or rollback(), which asks `session` for everything.
    /// @throws NotLoaded before it is called, WorkerDied, process::Interrupted while it waits, and whatever
    /// but CallError the session throws
    virtual Ending run(std::size_t library, bool backwards, Session& session) = 0;
    /// Loads a schema's library and has it say all that is in it. What it said before it threw is said.
    /// @throws report::Failure when it cannot be loaded, WorkerDied, process::Interrupted while it waits
    virtual Ending describe(const plugin::SchemaLibrary& library, dibs::SchemaSink& sink) = 0;
    /// Becomes readable when the migration cannot go on, or is not to: it is gone, or there is a signal or
    /// time limit (process::interrupt_descriptor()). Valid until the next load().
    [[nodiscard]] virtual int end_descriptor() const = 0;
};

/// One process for the run, started from the program itself: a plug-in that crashes takes only that with it.
/// @param output gets each line that plug-ins print
std::unique_ptr<Host> separate_process(std::function<void(std::string_view)> output);

/// This very process, for a debugger and for applications that migrate themselves.
std::unique_ptr<Host> this_process();

} // namespace dibs::worker
