#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <dibs/abi.hpp>
#include <dibs/concurrent_index.hpp>
#include <dibs/error.hpp>
#include <dibs/parameter.hpp>
#include <dibs/rows.hpp>

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
};

} // namespace abi_v1
} // namespace dibs
