#include "worker/wire.hpp"

namespace dibs::worker {
namespace {

/// A cell is what Table::add() makes it: its text lies within the table's, and a NUL ends it.
void check(const Table& table) {
    const std::size_t width = table.columns.size();
    if (width == 0 ? !table.cells.empty() : table.cells.size() % width != 0)
        throw ForeignMessage();
    for (const Table::Cell& cell : table.cells) {
        if (cell.size == Table::Cell::null)
            continue;
        if (cell.offset >= table.text.size() || cell.size >= table.text.size() - cell.offset ||
            table.text[cell.offset + cell.size] != '\0')
            throw ForeignMessage();
    }
}

} // namespace

void put(MessageWriter& message, const Call& call) {
    message.put(call.sql).put(call.file).put(call.line).put(call.values.size());
    for (const database::Value& value : call.values)
        message.put(value.content).put(value.bytes);
}

Call take_call(MessageReader& message) {
    Call call;
    call.sql = message.text();
    call.file = message.text();
    call.line = message.take<std::uint32_t>();
    for (auto count = message.take<std::size_t>(); count > 0; --count) {
        database::Value& value = call.values.emplace_back();
        value.content = message.optional_text();
        value.bytes = message.take<bool>();
    }
    return call;
}

void put(MessageWriter& message, const IndexDefinition& index) {
    for (const std::string* const text : {&index.schema, &index.table, &index.name, &index.method,
                                          &index.with, &index.tablespace, &index.where})
        message.put(*text);
    for (const std::vector<std::string>* const list : {&index.columns, &index.include}) {
        message.put(list->size());
        for (const std::string& text : *list)
            message.put(text);
    }
    message.put(index.unique).put(index.nulls_not_distinct);
}

IndexDefinition take_index(MessageReader& message) {
    IndexDefinition index;
    for (std::string* const text : {&index.schema, &index.table, &index.name, &index.method, &index.with,
                                    &index.tablespace, &index.where})
        *text = message.text();
    for (std::vector<std::string>* const list : {&index.columns, &index.include})
        for (auto count = message.take<std::size_t>(); count > 0; --count)
            list->push_back(message.text());
    index.unique = message.take<bool>();
    index.nulls_not_distinct = message.take<bool>();
    return index;
}

void put(MessageWriter& message, const IndexRemoval& index) {
    message.put(index.schema).put(index.name).put(index.if_exists);
}

IndexRemoval take_removal(MessageReader& message) {
    IndexRemoval index;
    index.schema = message.text();
    index.name = message.text();
    index.if_exists = message.take<bool>();
    return index;
}

void put(MessageWriter& message, const BackfillDefinition& what) {
    for (const std::string* const text : {&what.schema, &what.table, &what.set, &what.where, &what.name,
                                          &what.sql, &what.key, &what.only_while})
        message.put(*text);
    message.put(what.batch_size).put(what.workers);
    message.put(what.batch_time_ms).put(what.pause_ms).put(what.max_lag_ms);
}

BackfillDefinition take_backfill(MessageReader& message) {
    BackfillDefinition what;
    for (std::string* const text : {&what.schema, &what.table, &what.set, &what.where, &what.name, &what.sql,
                                    &what.key, &what.only_while})
        *text = message.text();
    what.batch_size = message.take<std::uint32_t>();
    what.workers = message.take<std::uint32_t>();
    for (std::int64_t* const time : {&what.batch_time_ms, &what.pause_ms, &what.max_lag_ms})
        *time = message.take<std::int64_t>();
    return what;
}

void put(MessageWriter& message, const Table& table) {
    message.put(table.columns.size());
    for (const Table::Column& column : table.columns)
        message.put(column.name).put(column.type);
    message.put(std::string_view(reinterpret_cast<const char*>(table.cells.data()),
                                 table.cells.size() * sizeof(Table::Cell)));
    message.put(table.text).put(table.rows_without_columns);
}

Table take_table(MessageReader& message) {
    Table table;
    for (auto count = message.take<std::size_t>(); count > 0; --count) {
        Table::Column& column = table.columns.emplace_back();
        column.name = message.text();
        column.type = message.take<std::uint32_t>();
    }
    const std::string cells = message.text();
    if (cells.size() % sizeof(Table::Cell) != 0)
        throw ForeignMessage();
    table.cells.resize(cells.size() / sizeof(Table::Cell));
    cells.copy(reinterpret_cast<char*>(table.cells.data()),
               table.cells.size() * sizeof(Table::Cell)); // may be 0
    table.text = message.text();
    table.rows_without_columns = message.take<std::size_t>();
    check(table);
    return table;
}

void put(MessageWriter& message, const FetchedRows& fetched) {
    put(message, fetched.rows);
    message.put(fetched.last);
}

FetchedRows take_fetched_rows(MessageReader& message) {
    FetchedRows fetched;
    fetched.rows = take_table(message);
    fetched.last = message.take<bool>();
    if (fetched.rows.rows() == 0 && !fetched.last) // whoever waits for rows would ask for ever
        throw ForeignMessage();
    return fetched;
}

void put(MessageWriter& message, const CopyTarget& target) {
    message.put(target.schema).put(target.table).put(target.columns.size());
    for (const std::string& column : target.columns)
        message.put(column);
}

CopyTarget take_target(MessageReader& message) {
    CopyTarget target;
    target.schema = message.text();
    target.table = message.text();
    for (auto count = message.take<std::size_t>(); count > 0; --count)
        target.columns.push_back(message.text());
    return target;
}

void put(MessageWriter& message, const CallFailure& failure) {
    for (const std::string* const text : {&failure.message, &failure.sqlstate, &failure.detail, &failure.hint,
                                          &failure.context, &failure.constraint, &failure.sql, &failure.file})
        message.put(*text);
    message.put(failure.line).put(failure.position).put(failure.statement);
}

CallFailure take_failure(MessageReader& message) {
    CallFailure failure;
    for (std::string* const text : {&failure.message, &failure.sqlstate, &failure.detail, &failure.hint,
                                    &failure.context, &failure.constraint, &failure.sql, &failure.file})
        *text = message.text();
    failure.line = message.take<std::uint32_t>();
    failure.position = message.take<std::uint32_t>();
    failure.statement = message.take<std::uint32_t>();
    return failure;
}

void put(MessageWriter& message, const Ending& ending) {
    message.put(ending.kind).put(ending.exception_type);
    put(message, ending.failure);
}

Ending take_ending(MessageReader& message) {
    Ending ending;
    ending.kind = message.take(Ending::Kind::threw);
    ending.exception_type = message.text();
    ending.failure = take_failure(message);
    return ending;
}

void put(MessageWriter& message, const plugin::FileIdentity& file) {
    message.put(file.device).put(file.inode).put(file.size).put(file.modified_ns);
    message.put(file.rights.owner).put(file.rights.group).put(file.rights.mode);
}

plugin::FileIdentity take_identity(MessageReader& message) {
    plugin::FileIdentity file;
    file.device = message.take<std::uint64_t>();
    file.inode = message.take<std::uint64_t>();
    file.size = message.take<std::uint64_t>();
    file.modified_ns = message.take<std::int64_t>();
    file.rights.owner = message.take<uid_t>();
    file.rights.group = message.take<gid_t>();
    file.rights.mode = message.take<mode_t>();
    return file;
}

} // namespace dibs::worker
