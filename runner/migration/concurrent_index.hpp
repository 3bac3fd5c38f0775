#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "database/connection.hpp"
#include "migration/watch.hpp"
#include "worker/session.hpp"

namespace dibs::migration {

/// Builds or drops one index while its table is read and written, so that doing it again after any failure
/// ends well. The connection is not in a transaction. Functions throw CallError, process::Interrupted and
/// process::TimeIsUp (an invalid index may stay then) and database::ConnectionLost (what the server does goes
/// on there).
class ConcurrentIndex {
  public:
    /// What is told meanwhile, for people.
    struct Voice {
        std::function<void(const std::string&)> remark;
        std::function<void(const std::string&)> progress; ///< each second
    };

    /// @param where the line of the migration that wants it
    ConcurrentIndex(database::Connection& connection, Watch& watch, Voice voice, worker::Call where)
        : connection_(connection), watch_(watch), voice_(std::move(voice)), call_(std::move(where)) {}

    void create(const worker::IndexDefinition& wanted);
    /// @param may_be_gone an earlier run may have dropped it, so that one that is not there is no error
    void drop(const worker::IndexRemoval& unwanted, bool may_be_gone);

    /// The statement that was sent last, with the line that wanted it.
    [[nodiscard]] const worker::Call& last_call() const { return call_; }
    /// After a failure: whether something may be there that was not before.
    [[nodiscard]] bool leaves_something() const { return leaves_something_; }

  private:
    struct Table;
    struct Found;

    [[nodiscard]] Table find_table(const worker::IndexDefinition& wanted);
    [[nodiscard]] std::optional<Found> find_index(const Table& table, const std::string& name);
    /// @return whether the index is there, valid and as wanted; what is left of another build is gone
    bool is_there(const Table& table, const worker::IndexDefinition& wanted);
    void wait_for(const std::string& builder, const Table& table, const std::string& name);
    void compare(const Table& table, const worker::IndexDefinition& wanted, const Found& found);
    /// @return false when another session has made one of this name meanwhile
    bool build(const Table& table, const worker::IndexDefinition& wanted);
    [[nodiscard]] std::string clean_up(const Table& table, const std::string& name);
    void drop_found(const std::string& qualified);

    [[nodiscard]] database::Result ask(database::Statement statement);
    [[nodiscard]] database::Outcome send(const std::string& sql, const std::string& what);
    [[noreturn]] void refuse(std::string reason, std::string hint, std::string detail = {}) const;

    database::Connection& connection_;
    Watch& watch_;
    Voice voice_;
    worker::Call call_;
    bool leaves_something_ = false;
};

} // namespace dibs::migration
