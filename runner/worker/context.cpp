#include "worker/context.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <typeinfo>

#include <fmt/format.h>

#include "process/threads.hpp"
#include "worker/copy_buffer.hpp"
#include "worker/parameter_text.hpp"
#include "worker/raise.hpp"
#include "worker/result_set.hpp"
#include "worker/stream_reader.hpp"

namespace dibs::worker {
namespace {

using dibs::Parameter;

std::string base_name(std::string_view path) {
    return std::string(path.substr(path.find_last_of('/') + 1));
}

CallFailure failure_of(const dibs::Error& error) {
    return {std::string(error.message()),
            std::string(error.sqlstate()),
            std::string(error.detail()),
            std::string(error.hint()),
            std::string(error.context()),
            std::string(error.constraint()),
            std::string(error.sql()),
            base_name(error.file()),
            error.line(),
            error.position(),
            error.statement()};
}

/// A NUL ends a text for libpq, so what comes after it would be lost in silence.
void refuse_nul(const worker::Call& call) {
    const auto has_nul = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
    std::string what = has_nul(call.sql) ? "the SQL" : "";
    for (std::size_t i = 0; i < call.values.size() && what.empty(); ++i)
        if (!call.values[i].bytes && call.values[i].content && has_nul(*call.values[i].content))
            what = fmt::format("the value for ${}", i + 1);
    if (what.empty())
        return;
    CallFailure failure;
    failure.message = what + " has a NUL character in it, which PostgreSQL text cannot hold";
    if (!has_nul(call.sql))
        failure.hint = "Pass it as bytes (std::vector<std::byte>), into a bytea column.";
    failure.sql = call.sql.substr(0, call.sql.find('\0'));
    failure.file = call.file;
    failure.line = call.line;
    raise(failure);
}

template <class Call>
worker::Call owned(const Call& call) {
    worker::Call copy;
    copy.sql.assign(call.sql.data, call.sql.size);
    copy.file = base_name(call.where.file);
    copy.line = call.where.line;
    for (std::size_t i = 0; i < call.parameter_count; ++i) {
        database::Value& value = copy.values.emplace_back();
        value.content = text_of(call.parameters[i]);
        value.bytes = call.parameters[i].kind == Parameter::Kind::bytes;
    }
    refuse_nul(copy);
    return copy;
}

worker::Call place(dibs::Location where) {
    worker::Call call;
    call.file = base_name(where.file);
    call.line = where.line;
    return call;
}

std::string text_of(const dibs::Text& text, std::string_view what, const worker::Call& where) {
    const Parameter::View view = text.view();
    std::string copy(view.data, view.size);
    if (copy.find('\0') != std::string::npos) {
        CallFailure failure;
        failure.message =
            fmt::format("{} has a NUL character in it, which PostgreSQL text cannot hold", what);
        failure.file = where.file;
        failure.line = where.line;
        raise(failure);
    }
    return copy;
}

std::vector<std::string> texts_of(std::initializer_list<dibs::Text> texts, std::string_view what,
                                  const worker::Call& where) {
    std::vector<std::string> copies;
    for (const dibs::Text& text : texts)
        copies.push_back(text_of(text, what, where));
    return copies;
}

BackfillDefinition owned(const dibs::Backfill& what, const worker::Call& where) {
    BackfillDefinition copy;
    copy.table = text_of(what.table, ".table", where);
    copy.set = text_of(what.set, ".set", where);
    copy.where = text_of(what.where, ".where", where);
    copy.name = text_of(what.name, ".name", where);
    copy.schema = text_of(what.schema, ".schema", where);
    copy.sql = text_of(what.sql, ".sql", where);
    copy.key = text_of(what.key, ".key", where);
    copy.only_while = text_of(what.only_while, ".only_while", where);
    copy.batch_size = what.batch_size;
    copy.workers = what.workers;
    copy.batch_time_ms = what.batch_time.milliseconds;
    copy.pause_ms = what.pause.milliseconds;
    copy.max_lag_ms = what.max_lag.milliseconds;
    return copy;
}

/// What f() gives; its CallError becomes what the migration sees.
template <class F>
auto raising(F f) {
    try {
        return f();
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

std::string type_of_current_exception() {
    const std::type_info* const type = abi::__cxa_current_exception_type();
    if (type == nullptr)
        return "an exception of no C++ type";
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name(
        abi::__cxa_demangle(type->name(), nullptr, nullptr, &status), &std::free);
    return status == 0 ? name.get() : type->name();
}

dibs::Error left_running(std::size_t threads) {
    dibs::ErrorFields fields;
    const std::string message = fmt::format("it returned while {} of its threads ran on",
                                            threads == 1 ? std::string("one") : std::to_string(threads));
    fields.message = message;
    fields.hint =
        "Join them before: what they do afterwards is in no transaction. Threads that a library keeps for "
        "good are to be started before migrate() is called.";
    return dibs::Error(fields);
}

} // namespace

std::uint64_t Context::do_execute(const Call& call) {
    try {
        return session_.execute(owned(call));
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

dibs::RowSet* Context::do_query(const Call& call) {
    try {
        worker::Call copy = owned(call);
        Table table = session_.query(copy);
        return std::make_unique<ResultSet>(std::move(table), std::move(copy), session_).release();
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

void Context::do_savepoint(SavepointAction action, dibs::Location where) {
    try {
        session_.savepoint(static_cast<worker::SavepointAction>(action), place(where));
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

void Context::do_log(Parameter::View text) {
    session_.log({text.data, text.size});
}

int Context::do_server_version() const {
    return session_.server_version();
}

bool Context::do_begin_step(Parameter::View name, dibs::Location where) {
    try {
        return session_.begin_step({name.data, name.size}, place(where));
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

void Context::do_end_step(bool done, dibs::Location where) {
    try {
        session_.end_step(done, place(where));
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

void Context::do_create_index(const dibs::ConcurrentIndex& index, std::size_t, dibs::Location where) {
    const worker::Call call = place(where);
    const auto text = [&](const dibs::Text& given, std::string_view field) {
        return text_of(given, field, call);
    };
    IndexDefinition wanted;
    wanted.schema = text(index.schema, ".schema");
    wanted.table = text(index.table, ".table");
    wanted.name = text(index.name, ".name");
    wanted.method = text(index.method, ".method");
    wanted.columns = texts_of(index.columns, ".columns", call);
    wanted.include = texts_of(index.include, ".include", call);
    wanted.with = text(index.with, ".with");
    wanted.tablespace = text(index.tablespace, ".tablespace");
    wanted.where = text(index.where, ".where");
    wanted.unique = index.unique;
    wanted.nulls_not_distinct = index.nulls_not_distinct;
    try {
        session_.create_index(wanted, call);
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

void Context::do_drop_index(const dibs::ConcurrentIndexDrop& index, std::size_t, dibs::Location where) {
    const worker::Call call = place(where);
    const IndexRemoval wanted{text_of(index.schema, ".schema", call), text_of(index.name, ".name", call),
                              index.if_exists};
    try {
        session_.drop_index(wanted, call);
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

std::uint64_t Context::do_backfill(const dibs::Backfill& what, std::size_t, dibs::Location where) {
    return raising([&] { return session_.backfill(owned(what, place(where)), place(where)); });
}

void Context::do_begin_batches(const dibs::Backfill& what, std::size_t, dibs::Location where) {
    raising([&] { session_.begin_batches(owned(what, place(where)), place(where)); });
}

bool Context::do_next_batch(dibs::Batch::View& view, dibs::Location where) {
    std::optional<Batch> next = raising([&] { return session_.next_batch(place(where)); });
    if (!next)
        return false;
    batch_ = *std::move(next);
    view = {{batch_.table.data(), batch_.table.size()}, {batch_.condition.data(), batch_.condition.size()}};
    return true;
}

bool Context::do_end_batch(bool done, Parameter::View sqlstate, dibs::Location where) {
    const std::string code = sqlstate.size == 0 ? "" : std::string(sqlstate.data, sqlstate.size);
    return raising([&] { return session_.end_batch(done, code, place(where)); });
}

std::uint64_t Context::do_end_batches(dibs::Location where) {
    return raising([&] { return session_.end_batches(place(where)); });
}

dibs::RowSet* Context::do_batch_rows(const dibs::Batch::View& batch, const Call& columns) {
    const std::string sql = fmt::format("SELECT {} FROM {} WHERE {} FOR NO KEY UPDATE",
                                        std::string_view(columns.sql.data, columns.sql.size),
                                        std::string_view(batch.table.data, batch.table.size),
                                        std::string_view(batch.condition.data, batch.condition.size));
    return do_query({{sql.data(), sql.size()}, columns.parameters, 0, columns.where});
}

void Context::do_require_backfill(Parameter::View name, dibs::Location where) {
    raising([&] { session_.require_backfill({name.data, name.size}, place(where)); });
}

dibs::RowStream* Context::do_stream(const Call& call) {
    try {
        worker::Call copy = owned(call);
        const std::uint64_t stream = session_.open_stream(copy);
        copy.values.clear();
        return std::make_unique<StreamReader>(stream, std::move(copy), session_).release();
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

dibs::CopyWriter* Context::do_copy_in(const dibs::CopyTable& table, std::size_t, const dibs::Text* columns,
                                      std::size_t count, dibs::Location where) {
    const worker::Call call = place(where);
    CopyTarget target{
        text_of(table.schema, "the schema's name", call), text_of(table.table, "the table's name", call), {}};
    for (std::size_t i = 0; i < count; ++i)
        target.columns.push_back(text_of(columns[i], "a column's name", call));
    try {
        return std::make_unique<CopyBuffer>(std::move(target), call, session_).release();
    } catch (const CallError& error) {
        raise(error.failure());
    }
}

Ending ending_of(const std::function<void()>& code) {
    Ending ending;
    try {
        code();
        return ending;
    } catch (const dibs::Error& error) {
        ending.failure = failure_of(error);
        ending.exception_type = "dibs::Error";
    } catch (const std::exception& error) {
        ending.exception_type = type_of_current_exception();
        ending.failure.message = error.what() == nullptr ? "(null)" : error.what();
    } catch (const std::string& text) {
        ending.exception_type = "std::string";
        ending.failure.message = text;
    } catch (const char* text) {
        ending.exception_type = "const char*";
        ending.failure.message = text == nullptr ? "(null)" : text;
    } catch (const int number) {
        ending.exception_type = "int";
        ending.failure.message = std::to_string(number);
    } catch (...) {
        ending.exception_type = type_of_current_exception();
    }
    ending.kind = Ending::Kind::threw;
    return ending;
}

Ending run(void (*function)(dibs::MigrationContext&), Session& session) {
    return ending_of([&] {
        Context context(session);
        const process::Threads threads;
        function(context);
        if (const std::size_t left = threads.left(); left > 0)
            throw left_running(left);
    });
}

} // namespace dibs::worker
