#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <dibs/abi.hpp>
#include <dibs/backfill.hpp>
#include <dibs/concurrent_index.hpp>
#include <dibs/copy.hpp>
#include <dibs/error.hpp>
#include <dibs/parameter.hpp>
#include <dibs/rows.hpp>
#include <dibs/stream.hpp>

namespace dibs {
inline namespace abi_v1 {

/// SQL text, and the line of the migration that sends it. Made implicitly from a literal, a std::string, a
/// std::string_view; a view, which lives as long as what it was made from.
class Sql {
  public:
    template <detail::AsText Text>
    Sql(const Text& text, const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE())
        : text_(detail::view(text)), where_{file, line} {}

    [[nodiscard]] Parameter::View text() const { return text_; }
    [[nodiscard]] Location where() const { return where_; }

  private:
    Parameter::View text_;
    Location where_;
};

/// What a migration does with the database. One connection, one transaction (unless the migration says
/// `.transaction = false`); for one thread at a time. Append only.
class DIBS_API MigrationContext {
  public:
    MigrationContext(const MigrationContext&) = delete;
    MigrationContext& operator=(const MigrationContext&) = delete;

    /// Runs SQL. Without parameters it may hold several statements, which PostgreSQL itself takes apart.
    /// @param params for $1, $2, ...: integers, floating point, bool, text, bytes, nullptr, std::nullopt,
    /// optionals,
    ///               and containers of these as arrays
    /// @return rows affected, by the last of several statements
    /// @throws Error when the server refuses it
    template <class... P>
    std::uint64_t execute(Sql sql, const P&... params) {
        const Parameter bound[] = {detail::bind(params)..., Parameter{Parameter::Kind::null, {}}};
        return do_execute(Call{sql.text(), bound, sizeof...(P), sql.where()});
    }

    /// Runs one statement that gives rows.
    /// @return all rows, in memory
    /// @throws Error when the server refuses it
    template <class... P>
    [[nodiscard]] Rows query(Sql sql, const P&... params) {
        const Parameter bound[] = {detail::bind(params)..., Parameter{Parameter::Kind::null, {}}};
        return {do_query(Call{sql.text(), bound, sizeof...(P), sql.where()}), sql.where()};
    }

    /// Runs one query (SELECT, VALUES, TABLE, WITH) whose result may be larger than memory:
    ///
    ///     for (const auto row : ctx.stream("SELECT id, name FROM users WHERE id > $1", 1000))
    ///         ctx.execute("UPDATE users SET name = $1 WHERE id = $2", tidy(row.get<std::string>("name")),
    ///                     row.get<std::int64_t>("id"));
    ///
    /// The rows come in pieces of about 1 MiB (a row that is larger, alone), read from the state of the
    /// tables at the time of this call: what the loop changes, it does not meet. ctx may be used meanwhile,
    /// for other streams as well. Leaving the loop ends the stream.
    ///
    /// In a transaction it ends with that at the latest. In a migration that says `.transaction = false`,
    /// outside of a transaction that it has begun itself, the server runs the query to its end first and
    /// keeps the result until the stream ends, in memory up to work_mem and in a temporary file beyond; the
    /// query cannot have FOR UPDATE then.
    /// @throws Error when the server refuses it, in the loop as well
    template <class... P>
    [[nodiscard]] Stream stream(Sql sql, const P&... params) {
        const Parameter bound[] = {detail::bind(params)..., Parameter{Parameter::Kind::null, {}}};
        return Stream(do_stream(Call{sql.text(), bound, sizeof...(P), sql.where()}));
    }

    /// Writes rows into a table, thousands at once (COPY), and all of them or none:
    ///
    ///     auto users = ctx.stream("SELECT id, name FROM users");
    ///     const auto split = [](const dibs::StreamedRow& user) {
    ///         return std::tuple(user.get<std::int64_t>("id"), words_of(user.get<std::string>("name")));
    ///     };
    ///     ctx.copy_in("user_words", {"user_id", "words"}, users | std::views::transform(split));
    ///
    /// When it fails, by the server's refusal or by an exception of the range's, what was copied is undone,
    /// and with it what the range has done through ctx, which it may use; the transaction is usable again. In
    /// a migration that says `.transaction = false` it is a transaction of its own, unless the migration has
    /// begun one. About 1 MiB of rows is kept in memory.
    /// @param table its name, which dibs quotes; with its schema as {.table = "t", .schema = "s"}
    /// @param columns their names, which dibs quotes
    /// @param rows any range, gone over once, of std::tuple, std::pair, std::array, containers, or, for one
    /// column, of values; a value is what may be a parameter of execute()
    /// @return the rows written
    /// @throws Error when the server refuses it; its context has the row, as the line
    template <std::size_t N, class Range>
    std::uint64_t copy_in(const CopyTable& table, const Text (&columns)[N], Range&& rows,
                          const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE()) {
        detail::Copy copy(do_copy_in(table, sizeof table, columns, N, {file, line}));
        for (auto&& row : rows)
            detail::copy_row<N>(copy.writer(), row);
        return copy.writer().finish();
    }
    template <std::size_t N, class Range>
    std::uint64_t copy_in(Text table, const Text (&columns)[N], Range&& rows,
                          const char* file = __builtin_FILE(), std::uint32_t line = __builtin_LINE()) {
        return copy_in(CopyTable{.table = table}, columns, static_cast<Range&&>(rows), file, line);
    }

    /// Runs f() inside a savepoint: when it throws, what it did to the database is undone, the transaction is
    /// usable again, and the exception goes on. May be nested.
    /// @return what f() returns
    /// @throws Error in a migration without a transaction
    template <class F>
    decltype(auto) savepoint(F&& f, const char* file = __builtin_FILE(),
                             std::uint32_t line = __builtin_LINE()) {
        Savepoint guard(*this, {file, line});
        if constexpr (std::is_void_v<decltype(f())>) {
            f();
            guard.release();
        } else {
            decltype(auto) result = f();
            guard.release();
            return static_cast<decltype(f())>(result);
        }
    }

    /// Runs f() as a named part of a migration that says `.transaction = false`, unless an earlier run of the
    /// migration has done it: when f() returns, that is recorded, and a run that goes on after a failure
    /// passes over it. What f() executes commits by itself, as elsewhere in such a migration, so an f() that
    /// did not get to its end (or not to its record) is run again from its beginning: it must bear that.
    ///
    /// What stands outside of steps is run every time. A step that is passed over sets no variable and leaves
    /// nothing in the session, so the next one must not need that.
    /// @param name is how the step is known again, also after its body was edited: one line, not twice in one
    /// migration
    /// @throws Error in a migration with a transaction, inside another step, for a name that was used before
    template <detail::AsText Name, class F>
    void step(const Name& name, F&& f, const char* file = __builtin_FILE(),
              std::uint32_t line = __builtin_LINE()) {
        static_assert(
            std::is_void_v<decltype(f())>,
            "dibs: the function of a step returns nothing: where an earlier run has done the step, it "
            "is not called, and there would be no value");
        const Location where{file, line};
        if (!do_begin_step(detail::view(name), where))
            return;
        Step running(*this, where);
        f();
        running.done();
    }

    /// Builds an index while the table is read and written, in a migration that says `.transaction = false`.
    /// Done again it does no harm, so it needs no step: an index of this name that is valid and has this
    /// definition is what was wanted; an invalid one, which a build leaves that did not get to its end, is
    /// dropped first, and while another session builds one, this waits. There is no lock time-out meanwhile.
    /// @throws Error when it cannot be built (what is left of it is dropped), or another has its name
    void create_index_concurrently(const ConcurrentIndex& index, const char* file = __builtin_FILE(),
                                   std::uint32_t line = __builtin_LINE()) {
        do_create_index(index, sizeof index, {file, line});
    }

    /// Drops an index while its table is read and written, in a migration that says `.transaction = false`.
    /// When an earlier run of the migration was interrupted, it may be gone: that is no error then.
    void drop_index_concurrently(const ConcurrentIndexDrop& index, const char* file = __builtin_FILE(),
                                 std::uint32_t line = __builtin_LINE()) {
        do_drop_index(index, sizeof index, {file, line});
    }

    /// Changes the rows of a large table in batches, each a transaction of its own, in a migration that says
    /// `.transaction = false`: others wait for no longer than a batch, and what is done stays done. A run
    /// that goes on after a failure goes on behind the last batch that was committed; a backfill that is
    /// finished is passed over. docs/backfill.md tells the rest.
    /// @return rows changed, by earlier runs too
    /// @throws Error when the server refuses it, for a definition that is not the one begun under this name,
    /// in a migration with a transaction, inside another batch
    std::uint64_t backfill(const Backfill& what, const char* file = __builtin_FILE(),
                           std::uint32_t line = __builtin_LINE()) {
        return do_backfill(what, sizeof what, {file, line});
    }

    /// The same with f(batch) for the work on each batch, which is done through this context and committed
    /// together with how far it is. When a lock, a deadlock or a time-out stops it, it is called again, with
    /// the same batch or a smaller one, so it must change nothing but the database; whatever else it throws
    /// ends the migration.
    /// @return rows that execute() affected in it, in earlier runs too
    template <class F>
    requires std::invocable<F&, const Batch&> std::uint64_t backfill(const Backfill& what, F&& f,
                                                                     const char* file = __builtin_FILE(),
                                                                     std::uint32_t line = __builtin_LINE()) {
        const Location where{file, line};
        do_begin_batches(what, sizeof what, where);
        Batch::View view{};
        while (do_next_batch(view, where)) {
            RunningBatch running(*this, where);
            try {
                f(Batch(view));
            } catch (const Error& error) {
                if (!running.is_to_be_repeated(error.sqlstate()))
                    throw;
                continue;
            }
            running.done();
        }
        return do_end_batches(where);
    }

    /// The rows of a batch, locked against changes by others until it is committed (FOR NO KEY UPDATE).
    /// @param columns SQL: "id, email"
    [[nodiscard]] Rows rows(const Batch& batch, Sql columns) {
        const Parameter none{Parameter::Kind::null, {}};
        const std::string_view table = batch.table();
        const std::string_view condition = batch.condition();
        return {do_batch_rows({{table.data(), table.size()}, {condition.data(), condition.size()}},
                              Call{columns.text(), &none, 0, columns.where()}),
                columns.where()};
    }

    /// Refuses to go on until every backfill of this name is finished: for what needs its result, as SET NOT
    /// NULL does. In every migration.
    /// @throws Error when one is not, or there is none
    template <detail::AsText Name>
    void require_backfill(const Name& name, const char* file = __builtin_FILE(),
                          std::uint32_t line = __builtin_LINE()) {
        do_require_backfill(detail::view(name), {file, line});
    }

    /// A line in dibs's output, under this migration's name.
    void log(std::string_view text) { do_log({text.data(), text.size()}); }

    /// The server's version as libpq numbers it: 150020 is 15.20.
    [[nodiscard]] int server_version() const { return do_server_version(); }

  protected:
    struct Call {
        Parameter::View sql;
        const Parameter* parameters;
        std::size_t parameter_count;
        Location where;
    };
    enum class SavepointAction : std::uint8_t { open, release, roll_back };

    MigrationContext() = default;
    ~MigrationContext() = default;

  private:
    class Savepoint {
      public:
        Savepoint(MigrationContext& context, Location where) : context_(context), where_(where) {
            context_.do_savepoint(SavepointAction::open, where_);
        }
        Savepoint(const Savepoint&) = delete;
        Savepoint& operator=(const Savepoint&) = delete;
        ~Savepoint() {
            if (open_) {
                try {
                    context_.do_savepoint(SavepointAction::roll_back, where_);
                } catch (const std::exception&) { // the exception under way says more; the runner knows of
                                                  // this one
                }
            }
        }
        void release() {
            context_.do_savepoint(SavepointAction::release, where_);
            open_ = false;
        }

      private:
        MigrationContext& context_;
        Location where_;
        bool open_ = true;
    };

    class Step {
      public:
        Step(MigrationContext& context, Location where) : context_(context), where_(where) {}
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step() {
            if (running_) {
                try {
                    context_.do_end_step(false, where_);
                } catch (const std::exception&) { // the exception under way says more
                }
            }
        }
        void done() {
            running_ = false;
            context_.do_end_step(true, where_);
        }

      private:
        MigrationContext& context_;
        Location where_;
        bool running_ = true;
    };

    class RunningBatch {
      public:
        RunningBatch(MigrationContext& context, Location where) : context_(context), where_(where) {}
        RunningBatch(const RunningBatch&) = delete;
        RunningBatch& operator=(const RunningBatch&) = delete;
        ~RunningBatch() {
            if (running_) {
                try {
                    context_.do_end_batch(false, {nullptr, 0}, where_);
                } catch (const std::exception&) { // the exception under way says more
                }
            }
        }
        [[nodiscard]] bool is_to_be_repeated(std::string_view sqlstate) {
            running_ = false;
            return context_.do_end_batch(false, {sqlstate.data(), sqlstate.size()}, where_);
        }
        void done() {
            running_ = false;
            context_.do_end_batch(true, {nullptr, 0}, where_);
        }

      private:
        MigrationContext& context_;
        Location where_;
        bool running_ = true;
    };

    virtual std::uint64_t do_execute(const Call& call) = 0;
    virtual RowSet* do_query(const Call& call) = 0;
    virtual void do_savepoint(SavepointAction action, Location where) = 0;
    virtual void do_log(Parameter::View text) = 0;
    virtual int do_server_version() const = 0;

    // Since 1.1. A size is that of the struct as the library knows it: what was appended since is not there.
    /// @return false when it is done already
    virtual bool do_begin_step(Parameter::View name, Location where) = 0;
    virtual void do_end_step(bool done, Location where) = 0;
    virtual void do_create_index(const ConcurrentIndex& index, std::size_t size, Location where) = 0;
    virtual void do_drop_index(const ConcurrentIndexDrop& index, std::size_t size, Location where) = 0;

    // Since 1.2.
    virtual std::uint64_t do_backfill(const Backfill& what, std::size_t size, Location where) = 0;
    virtual void do_begin_batches(const Backfill& what, std::size_t size, Location where) = 0;
    /// @param view set, and valid until the next call. @return false: there is no further batch
    virtual bool do_next_batch(Batch::View& view, Location where) = 0;
    /// @param sqlstate of the dibs::Error that stopped it; empty: something else did, or nothing
    /// @return whether the batch is to be done again
    virtual bool do_end_batch(bool done, Parameter::View sqlstate, Location where) = 0;
    virtual std::uint64_t do_end_batches(Location where) = 0;
    virtual RowSet* do_batch_rows(const Batch::View& batch, const Call& columns) = 0;
    virtual void do_require_backfill(Parameter::View name, Location where) = 0;
    virtual RowStream* do_stream(const Call& call) = 0;
    virtual CopyWriter* do_copy_in(const CopyTable& table, std::size_t size, const Text* columns,
                                   std::size_t count, Location where) = 0;
};

} // namespace abi_v1
} // namespace dibs
