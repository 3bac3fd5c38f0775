#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "database/connection.hpp"

namespace dibs::worker {

/// A call of MigrationContext with everything it needs, owned.
struct Call {
    std::string sql;
    std::vector<database::Value> values;
    std::string file; ///< the migration's source, base name
    std::uint32_t line = 0;
};

/// A query's answer: cells in one buffer, as PostgreSQL writes them.
struct Table {
    struct Column {
        std::string name;
        std::uint32_t type = 0; ///< pg_type.oid; 0 when unknown
    };
    struct Cell {
        static constexpr std::uint32_t null = 0xffffffffU;
        std::size_t offset = 0;
        std::uint32_t size = null;
    };
    std::vector<Column> columns;
    std::vector<Cell> cells; ///< row by row
    std::string text;        ///< each cell ended by a NUL

    std::size_t rows_without_columns = 0; ///< "SELECT FROM t" has rows and no cells

    [[nodiscard]] std::size_t rows() const {
        return columns.empty() ? rows_without_columns : cells.size() / columns.size();
    }
    void add(std::optional<std::string_view> value);
};

/// Why a call failed, with all that a person is told; becomes a dibs::Error in the migration.
struct CallFailure {
    std::string message;
    std::string sqlstate;
    std::string detail;
    std::string hint;
    std::string context;
    std::string constraint;
    std::string sql;
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t position = 0;  ///< in sql, characters from 1; 0 unknown
    std::uint32_t statement = 0; ///< of several, from 1; 0 unknown or the only one
};

class CallError : public std::runtime_error {
  public:
    explicit CallError(CallFailure failure)
        : std::runtime_error(failure.message), failure_(std::move(failure)) {}
    [[nodiscard]] const CallFailure& failure() const noexcept { return failure_; }

  private:
    CallFailure failure_;
};

enum class SavepointAction : std::uint8_t { open, release, roll_back };

/// An index to be built concurrently. Names as they are; the rest is SQL. Empty: not given.
struct IndexDefinition {
    std::string schema; ///< of the table
    std::string table;
    std::string name;
    std::string method;
    std::vector<std::string> columns;
    std::vector<std::string> include;
    std::string with;
    std::string tablespace;
    std::string where;
    bool unique = false;
    bool nulls_not_distinct = false;
};

struct IndexRemoval {
    std::string schema;
    std::string name;
    bool if_exists = false;
};

/// A backfill. Names as they are; the rest is SQL. Empty: not given.
struct BackfillDefinition {
    std::string schema; ///< of the table
    std::string table;
    std::string set;
    std::string where;
    std::string name;
    std::string sql;
    std::string key;
    std::string only_while;
    std::uint32_t batch_size = 0;
    std::uint32_t workers = 1;
    std::int64_t batch_time_ms = 0;
    std::int64_t pause_ms = 0;
    std::int64_t max_lag_ms = 0;
};

/// The rows of one batch, as SQL.
struct Batch {
    std::string table;
    std::string condition;
};

/// The next rows of a stream.
struct FetchedRows {
    Table rows;
    bool last = false; ///< nothing comes after them, and the stream is closed
};

/// Where rows are copied to. Names as they are.
struct CopyTarget {
    std::string schema; ///< empty: not given
    std::string table;
    std::vector<std::string> columns;
};

/// What a running migration may ask for: the seam between the SDK's face and the database. Implemented by
/// migration/ on a connection, and in the worker by a line to that. Functions throw CallError.
class Session {
  public:
    virtual ~Session() = default;
    virtual std::uint64_t execute(const Call& call) = 0;
    virtual Table query(const Call& call) = 0;
    virtual void savepoint(SavepointAction action, const Call& where) = 0;
    /// @return false when the step is done already, and must be passed over
    virtual bool begin_step(const std::string& name, const Call& where) = 0;
    virtual void end_step(bool done, const Call& where) = 0;
    virtual void create_index(const IndexDefinition& index, const Call& where) = 0;
    virtual void drop_index(const IndexRemoval& index, const Call& where) = 0;
    virtual std::uint64_t backfill(const BackfillDefinition& what, const Call& where) = 0;
    virtual void begin_batches(const BackfillDefinition& what, const Call& where) = 0;
    /// @return nothing when all are done
    virtual std::optional<Batch> next_batch(const Call& where) = 0;
    /// @param sqlstate of the error that stopped it; empty: another reason
    /// @return whether the batch is to be done again
    virtual bool end_batch(bool done, const std::string& sqlstate, const Call& where) = 0;
    virtual std::uint64_t end_batches(const Call& where) = 0;
    virtual void require_backfill(const std::string& name, const Call& where) = 0;
    virtual void log(std::string_view text) = 0;
    virtual std::string type_name(std::uint32_t type) = 0; ///< as format_type() writes it; for messages
    virtual int server_version() = 0;
    /// @return the number by which the two below know it
    virtual std::uint64_t open_stream(const Call& call) = 0;
    virtual FetchedRows fetch(std::uint64_t stream) = 0;
    virtual void close_stream(std::uint64_t stream) = 0;
    /// Copies go into each other like savepoints: the two below are of the last that has begun.
    virtual void begin_copy(const CopyTarget& target, const Call& where) = 0;
    /// @param rows in COPY's text format; @param count how many they are
    /// @return how many the server has written
    virtual std::uint64_t copy_rows(const std::string& rows, std::uint64_t count) = 0;
    /// @param done keep what was copied; else undo it
    virtual void end_copy(bool done) = 0;
};

/// How migrate() or rollback() ended.
struct Ending {
    enum class Kind : std::uint8_t { returned, threw };
    Kind kind = Kind::returned;
    std::string exception_type; ///< of what was thrown, demangled
    CallFailure failure;        ///< of a dibs::Error all that it carries, of another exception its message
};

} // namespace dibs::worker
