#include "worker/context.hpp"

#include <cxxabi.h>

#include <charconv>
#include <cstdlib>
#include <exception>
#include <memory>
#include <typeinfo>

#include <fmt/format.h>

#include "process/threads.hpp"
#include "worker/array.hpp"
#include "worker/result_set.hpp"

namespace dibs::worker {
namespace {

using dibs::Parameter;

std::string base_name(std::string_view path) {
    return std::string(path.substr(path.find_last_of('/') + 1));
}

std::string hex(std::string_view raw) {
    std::string text = "\\x";
    for (const char c : raw)
        fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(c));
    return text;
}

/// PostgreSQL's spelling of a number that has no finite value is C++'s with another case: it takes both.
template <class Number>
std::string number_text(Number number) {
    char digits[40];
    const auto [end, error] =
        std::to_chars(std::begin(digits), std::end(digits), number); // shortest that reads back
    return {digits, end};
}

std::optional<std::string> text_of(const Parameter& parameter);

void append_to_array(void* state, const Parameter& element) {
    std::string& array = *static_cast<std::string*>(state);
    if (array.size() > 1)
        array += ',';
    if (element.kind == Parameter::Kind::array) // a dimension of its own
        array += *text_of(element);
    else if (element.kind == Parameter::Kind::bytes)
        append_element(array, hex({element.view.data, element.view.size}));
    else
        append_element(array, text_of(element));
}

std::optional<std::string> text_of(const Parameter& parameter) {
    switch (parameter.kind) {
    case Parameter::Kind::null:
        break;
    case Parameter::Kind::boolean:
        return parameter.boolean ? "t" : "f";
    case Parameter::Kind::integer:
        return std::to_string(parameter.integer);
    case Parameter::Kind::unsigned_integer:
        return std::to_string(parameter.unsigned_integer);
    case Parameter::Kind::real:
        return number_text(parameter.real);
    case Parameter::Kind::single:
        return number_text(parameter.single);
    case Parameter::Kind::text:
    case Parameter::Kind::bytes:
        return std::string(parameter.view.data, parameter.view.size);
    case Parameter::Kind::array: {
        std::string array = "{";
        parameter.array.visit(parameter.array.container, append_to_array, &array);
        return array + "}";
    }
    }
    return std::nullopt;
}

[[noreturn]] void raise(const CallFailure& failure) {
    dibs::ErrorFields fields;
    fields.message = failure.message;
    fields.sqlstate = failure.sqlstate;
    fields.detail = failure.detail;
    fields.hint = failure.hint;
    fields.context = failure.context;
    fields.constraint = failure.constraint;
    fields.sql = failure.sql;
    fields.file = failure.file;
    fields.line = failure.line;
    fields.position = failure.position;
    fields.statement = failure.statement;
    throw dibs::Error(fields);
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
