#pragma once

#include <functional>

#include <dibs/context.hpp>

#include "worker/session.hpp"

namespace dibs::worker {

/// The MigrationContext that a migration sees, on top of a Session: in the worker one that forwards, in the
/// runner's own process (--in-process) the one that works.
class Context final : public dibs::MigrationContext {
  public:
    explicit Context(Session& session) : session_(session) {}

  private:
    std::uint64_t do_execute(const Call& call) override;
    dibs::RowSet* do_query(const Call& call) override;
    void do_savepoint(SavepointAction action, dibs::Location where) override;
    void do_log(dibs::Parameter::View text) override;
    int do_server_version() const override;
    bool do_begin_step(dibs::Parameter::View name, dibs::Location where) override;
    void do_end_step(bool done, dibs::Location where) override;
    void do_create_index(const dibs::ConcurrentIndex& index, std::size_t size, dibs::Location where) override;
    void do_drop_index(const dibs::ConcurrentIndexDrop& index, std::size_t size,
                       dibs::Location where) override;

    Session& session_;
};

/// Calls an author's code and turns whatever it throws into an Ending: never throws itself.
Ending ending_of(const std::function<void()>& code);

/// Runs migrate() (or rollback()) and turns whatever it throws into an Ending: never throws itself.
Ending run(void (*function)(dibs::MigrationContext&), Session& session);

} // namespace dibs::worker
