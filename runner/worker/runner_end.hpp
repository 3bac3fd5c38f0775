#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "plugin/loader.hpp"
#include "worker/message.hpp"
#include "worker/session.hpp"

namespace dibs::worker {

/// The runner's end of the line: what it wants of the worker, and its answers to what a migration asks
/// meanwhile. Each function throws LineClosed when the worker is gone, ForeignMessage when it sent something
/// else than a worker does; what was asked before is done then, nothing of it is.
class RunnerEnd {
  public:
    /// @param receive waits for the worker's next message
    RunnerEnd(Line& line, std::function<MessageReader()> receive)
        : line_(line), receive_(std::move(receive)) {}

    /// @param step the worker answers after so many libraries
    /// @param loaded is counted up
    /// @throws report::Failure that names the library that cannot be loaded
    void load(const std::vector<plugin::Expected>& libraries, std::size_t step, std::size_t& loaded);
    Ending run(std::size_t library, bool backwards, Session& session);
    /// @throws report::Failure when the library cannot be loaded
    Ending describe(const plugin::SchemaLibrary& library, dibs::SchemaSink& sink);

  private:
    Line& line_;
    std::function<MessageReader()> receive_;
};

} // namespace dibs::worker
