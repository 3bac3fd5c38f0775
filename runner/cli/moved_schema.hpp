#pragma once

#include <optional>

#include "cli/command.hpp"
#include "database/connection.hpp"
#include "migration/executor.hpp"

namespace dibs::cli {

/// Warns where a migration that was generated from a difference is about to run on another schema than the
/// one that it was tried on.
class MovedSchema {
  public:
    explicit MovedSchema(Invocation& invocation) : invocation_(invocation) {}

    /// Reads the catalog only for a migration that says what it was tried on, and not for more than the first
    /// ten of a run: a new database gets hundreds. What cannot be read is no warning.
    void look(const migration::Pending& pending);

  private:
    Invocation& invocation_;
    std::optional<database::Connection> connection_; ///< of its own: the run's may have another role
    unsigned looked_ = 0;
};

} // namespace dibs::cli
