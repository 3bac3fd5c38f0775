#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "plugin/loader.hpp"
#include "worker/host.hpp"
#include "worker/message.hpp"
#include "worker/session.hpp"

namespace dibs::worker {

/// The libraries that a worker is to load, of those that it is told of.
struct Loading {
    std::size_t from = 0;    ///< none before this one
    std::size_t at_once = 0; ///< so many from there on; the others when it has nothing else to do
    std::size_t step = 1;    ///< it answers after so many of the former
};

/// The runner's end of the line: what it wants of the worker, and its answers to what a migration asks
/// meanwhile. For one worker. Each function throws LineClosed when the worker is gone, ForeignMessage when it
/// sent something else than a worker does; what was asked before is done then, nothing of it is.
class RunnerEnd {
  public:
    /// @param receive waits for the worker's next message
    RunnerEnd(Line& line, std::function<MessageReader()> receive)
        : line_(line), receive_(std::move(receive)) {}

    /// Until those are loaded that are to be at once.
    /// @throws report::Failure that names the library that cannot be loaded
    void load(const std::vector<plugin::Expected>& libraries, const Loading& how);
    /// How many libraries are loaded, those before `from` among them, as far as the worker has told.
    [[nodiscard]] std::size_t loaded() const { return loaded_; }
    /// The worker was at loading the next one, of its own accord, when it told last.
    [[nodiscard]] bool loads() const { return loads_; }

    /// @throws NotLoaded: the library could not be loaded when its turn had come
    Ending run(std::size_t library, bool backwards, Session& session);
    /// @throws report::Failure when the library cannot be loaded
    Ending describe(const plugin::SchemaLibrary& library, dibs::SchemaSink& sink);

  private:
    /// Takes in what is said of libraries that are loaded unasked. @return false when it is something else
    bool take_loading(Kind kind, MessageReader& message);

    Line& line_;
    std::function<MessageReader()> receive_;
    std::size_t loaded_ = 0;
    bool loads_ = false;
    std::optional<NotLoaded> not_loaded_; ///< that of the next one
};

} // namespace dibs::worker
