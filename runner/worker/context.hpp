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
    std::uint64_t do_backfill(const dibs::Backfill& what, std::size_t size, dibs::Location where) override;
    void do_begin_batches(const dibs::Backfill& what, std::size_t size, dibs::Location where) override;
    bool do_next_batch(dibs::Batch::View& view, dibs::Location where) override;
    bool do_end_batch(bool done, dibs::Parameter::View sqlstate, dibs::Location where) override;
    std::uint64_t do_end_batches(dibs::Location where) override;
    dibs::RowSet* do_batch_rows(const dibs::Batch::View& batch, const Call& columns) override;
    void do_require_backfill(dibs::Parameter::View name, dibs::Location where) override;
    dibs::RowStream* do_stream(const Call& call) override;
    dibs::CopyWriter* do_copy_in(const dibs::CopyTable& table, std::size_t size, const dibs::Text* columns,
                                 std::size_t count, dibs::Location where) override;

    Session& session_;
    Batch batch_; ///< that runs
};

/// Calls an author's code and turns whatever it throws into an Ending: never throws itself.
Ending ending_of(const std::function<void()>& code);

/// Runs migrate() (or rollback()) and turns whatever it throws into an Ending: never throws itself.
Ending run(void (*function)(dibs::MigrationContext&), Session& session);

} // namespace dibs::worker
