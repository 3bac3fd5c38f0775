#pragma once

#include <mutex>

#include "worker/message.hpp"
#include "worker/session.hpp"

namespace dibs::worker {

/// The Session of a migration in the worker: each call goes over the line to the runner. Whatever else comes
/// from there than an answer ends the line, and is thrown as ForeignMessage.
class ForwardingSession final : public Session {
  public:
    ForwardingSession(Line& line, int server_version) : line_(line), server_version_(server_version) {}

    std::uint64_t execute(const Call& call) override;
    Table query(const Call& call) override;
    void savepoint(SavepointAction action, const Call& where) override;
    bool begin_step(const std::string& name, const Call& where) override;
    void end_step(bool done, const Call& where) override;
    void create_index(const IndexDefinition& index, const Call& where) override;
    void drop_index(const IndexRemoval& index, const Call& where) override;
    std::uint64_t backfill(const BackfillDefinition& what, const Call& where) override;
    void begin_batches(const BackfillDefinition& what, const Call& where) override;
    std::optional<Batch> next_batch(const Call& where) override;
    bool end_batch(bool done, const std::string& sqlstate, const Call& where) override;
    std::uint64_t end_batches(const Call& where) override;
    void require_backfill(const std::string& name, const Call& where) override;
    void log(std::string_view text) override;
    std::string type_name(std::uint32_t type) override;
    int server_version() override { return server_version_; }
    std::uint64_t open_stream(const Call& call) override;
    FetchedRows fetch(std::uint64_t stream) override;
    void close_stream(std::uint64_t stream) override;
    void begin_copy(const CopyTarget& target, const Call& where) override;
    std::uint64_t copy_rows(const std::string& rows, std::uint64_t count) override;
    void end_copy(bool done) override;

  private:
    /// @param take reads the answer
    template <class Take>
    auto ask(const MessageWriter& request, Take take);
    void ask(const MessageWriter& request);

    Line& line_;
    int server_version_;
    std::mutex mutex_; ///< a migration may use threads, and a message must not get into another
};

} // namespace dibs::worker
