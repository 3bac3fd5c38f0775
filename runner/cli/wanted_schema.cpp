#include "cli/wanted_schema.hpp"

#include <algorithm>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "cli/declared_schema.hpp"
#include "cli/project.hpp"
#include "declared/ddl.hpp"
#include "embedded/binaries.hpp"
#include "process/child.hpp"
#include "report/text.hpp"
#include "schema/diff/inventory.hpp"
#include "schema/diff/undeclared.hpp"
#include "schema/sql/quote.hpp"
#include "scratch/copy.hpp"
#include "scratch/settle.hpp"

namespace dibs::cli {
namespace {

using database::Connection;
using report::ExitCode;
using report::Failure;
using schema::Key;
using schema::Kind;
using schema::Model;

constexpr const char* other_server =
    "Another server for this, of the same major version: scratch: {url: ...} in dibs.yaml.";

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file)
        throw Failure(ExitCode::usage, fmt::format("cannot read {}", path), "Nothing was changed.");
    return text;
}

std::string pg_dump_of(int major) {
    try {
        return embedded::find_binaries(std::nullopt, major).program("pg_dump");
    } catch (const Failure&) { // a client alone may be installed
        if (const auto found = process::find_program("pg_dump"))
            return found->string();
    }
    throw Failure(ExitCode::other, "there is no pg_dump, which copies a schema to try a plan on it",
                  fmt::format("Install it (Debian and Ubuntu: apt install postgresql-client-{}).", major));
}

/// Where in a text, as "12" of line 12; empty without a position.
std::string line_of(const std::string& text, std::size_t position) {
    if (position == 0)
        return {};
    std::size_t characters = 0;
    std::size_t line = 1;
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U && ++characters == position)
            break;
        line += c == '\n' ? 1 : 0;
    }
    return std::to_string(line);
}

std::string schema_of(const declared::Name& name) {
    return name.schema.empty() ? "public" : name.schema;
}

class Renames {
  public:
    Renames(const declared::Schema& declared, const Model& current) : now_(current) {
        for (const declared::Enumeration& each : declared.enumerations)
            add(Kind::enumeration, each.name, each.renamed_from, "TYPE", each.where);
        for (const declared::Table& table : declared.tables) {
            const bool moved = add(Kind::table, table.name, table.renamed_from, "TABLE", table.where);
            for (const declared::Column& column : table.columns)
                if (!column.renamed_from.empty())
                    add_column(table, column, moved ? table.renamed_from : table.name.name);
        }
    }

    [[nodiscard]] const std::vector<Rename>& all() const { return all_; }

  private:
    /// @throws report::Failure where both names are there
    bool is_due(const Key& from, const Key& to, const declared::Where& where) {
        if (!now_.has(from))
            return false;
        if (now_.has(to))
            throw Failure(
                ExitCode::other,
                fmt::format("{}: {} is declared to be renamed from {}, and both are there", text_of(where),
                            described(to), described(from)),
                "Move what is in the old one into the new one, and drop the old one, in a migration; "
                "or take the renamed_from out. Nothing was changed.");
        return true;
    }

    bool add(Kind kind, const declared::Name& name, const std::string& old, std::string_view word,
             const declared::Where& where) {
        const Key from{kind, schema_of(name), old, ""};
        const Key to{kind, schema_of(name), name.name, ""};
        if (old.empty() || !is_due(from, to, where))
            return false;
        all_.push_back(
            {from, to,
             fmt::format("ALTER {} {} RENAME TO {}", word, qualified(from), schema::quoted(to.name))});
        return true;
    }

    void add_column(const declared::Table& table, const declared::Column& column,
                    const std::string& table_now) {
        const std::string schema = schema_of(table.name);
        if (!is_due({Kind::column, schema, table_now, column.renamed_from},
                    {Kind::column, schema, table_now, column.name}, column.where))
            return;
        const Key to{Kind::column, schema, table.name.name, column.name};
        all_.push_back({{Kind::column, schema, table.name.name, column.renamed_from},
                        to,
                        fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", qualified(table_of(to)),
                                    schema::quoted(column.renamed_from), schema::quoted(column.name))});
    }

    schema::Inventory now_;
    std::vector<Rename> all_;
};

/// Puts the renames before everything else.
void prepend(const std::vector<Rename>& renames, schema::Plan& plan) {
    std::vector<schema::Change> changes;
    std::vector<schema::Statement> statements;
    std::vector<std::vector<std::size_t>> needs;
    for (const Rename& rename : renames) {
        schema::Change change;
        change.object = rename.to;
        change.group = rename.to.kind == Kind::column ? table_of(rename.to) : rename.to;
        const std::string& old = rename.to.kind == Kind::column ? rename.from.part : rename.from.name;
        change.text = rename.to.kind == Kind::column
                          ? fmt::format("column {}: renamed from {}", schema::quoted(rename.to.part),
                                        schema::quoted(old))
                          : fmt::format("renamed from {}", schema::quoted(old));
        changes.push_back(std::move(change));
        needs.push_back(statements.empty() ? std::vector<std::size_t>() : std::vector{statements.size() - 1});
        statements.emplace_back(rename.sql);
    }
    // What is listed under the same object stands together.
    for (schema::Change& change : plan.changes)
        changes.push_back(std::move(change));
    std::stable_sort(changes.begin(), changes.end(), [](const schema::Change& a, const schema::Change& b) {
        return std::tie(a.group.kind, a.group) < std::tie(b.group.kind, b.group);
    });
    plan.changes = std::move(changes);
    const std::size_t shift = statements.size();
    if (shift == 0)
        return;
    std::size_t first =
        !plan.statements.empty() && plan.statements.front().sql == schema::unchecked_bodies ? 1 : 0;
    for (std::size_t i = first; i < plan.needs.size(); ++i) {
        for (std::size_t& needed : plan.needs[i])
            needed += shift;
        plan.needs[i].push_back(first + shift - 1);
    }
    if (first == 1)
        for (std::vector<std::size_t>& needed : needs)
            for (std::size_t& each : needed)
                ++each;
    const auto place = static_cast<std::ptrdiff_t>(first);
    plan.statements.insert(plan.statements.begin() + place, std::make_move_iterator(statements.begin()),
                           std::make_move_iterator(statements.end()));
    plan.needs.insert(plan.needs.begin() + place, std::make_move_iterator(needs.begin()),
                      std::make_move_iterator(needs.end()));
}

} // namespace

schema::ReadOptions read_options(const config::Settings& settings) {
    const history::Location history = history_location(settings);
    return {.excluded_names = {history.table, history.attempts()},
            .excluded_prefixes = {std::string(history::table_prefix)}};
}

Option schema_file_option() {
    return {.name = "schema-file",
            .value = "FILE.sql",
            .help = "take what the database shall be from SQL, not from the structs",
            .values = Values::files};
}

// What is wanted is read before a server is started for it.
WantedSchema::WantedSchema(Invocation& invocation, Connection& target)
    : invocation_(invocation), target_(target), options_(read_options(invocation.settings)),
      declared_(invocation.arguments.has("schema-file") ? std::nullopt
                                                        : std::optional(declared_schema(invocation))),
      file_(declared_ ? "" : read_file(*invocation.arguments.value("schema-file"))),
      server_(scratch_server()) {
    if (server_.major() != target.server_version() / 10000)
        throw Failure(ExitCode::other,
                      fmt::format("{} is PostgreSQL {}, and {}, on which the schema is to be tried, is {}",
                                  target.describe(), target.server_version() / 10000, server_.describe(),
                                  server_.major()),
                      other_server);
}

scratch::Server WantedSchema::scratch_server() {
    const config::Settings& settings = invocation_.settings;
    if (settings.scratch_url)
        return scratch::Server(connect_to(invocation_, *settings.scratch_url));
    if (std::holds_alternative<config::Embedded>(settings.database))
        return scratch::Server(target_.beside("dibs scratch", std::string(embedded::default_database)));
    const int major = target_.server_version() / 10000;
    embedded::Options options;
    options.directory = settings.root / ".dibs" / fmt::format("scratch-{}", major);
    options.settings = {{"fsync", "off"}, {"full_page_writes", "off"}}; // nothing there is to last
    try {
        options.binaries = embedded::find_binaries(std::nullopt, major).directory;
    } catch (const Failure& failure) {
        throw Failure(
            ExitCode::other,
            fmt::format("PostgreSQL {} is needed here to try the schema out: {}", major, failure.what()),
            failure.hint() + " " + other_server);
    }
    embedded::Server server(options);
    if (server.status().state != embedded::Status::State::running)
        invocation_.sink.say("Starting a PostgreSQL server to try the schema out ...");
    invocation_.sink.flush();
    server.ensure_running();
    return scratch::Server(Connection(server.conninfo(), "dibs scratch"));
}

Model WantedSchema::load_declared() {
    const std::vector<declared::Statement> statements = declared::ddl(*declared_);
    scratch_.emplace(server_.connect(server_.make()));
    std::string all;
    for (const declared::Statement& statement : statements)
        all += statement.sql + "\n;\n";
    if (server_.load(*scratch_, all)) // which one is it?
        for (const declared::Statement& statement : statements)
            if (const auto refused = server_.load(*scratch_, statement.sql)) {
                std::string text = fmt::format("{}: PostgreSQL refuses what is declared here: {}",
                                               text_of(statement.where), refused->message);
                for (const std::string& line : report::excerpt(statement.sql, refused->position))
                    text += "\n" + line;
                throw Failure(ExitCode::other, text,
                              refused->hint.empty() ? "Nothing was changed."
                                                    : refused->hint + " Nothing was changed.");
            }
    return schema::read(*scratch_, options_);
}

Model WantedSchema::load_file() {
    scratch_.emplace(server_.connect(server_.make()));
    if (const auto refused = server_.load(*scratch_, file_)) {
        const std::string line = line_of(file_, refused->position);
        std::string text =
            fmt::format("{}{}{}: PostgreSQL refuses it: {}", *invocation_.arguments.value("schema-file"),
                        line.empty() ? "" : ":", line, refused->message);
        for (const std::string& each : report::excerpt(file_, refused->position))
            text += "\n" + each;
        throw Failure(ExitCode::other, text, "Nothing was changed.");
    }
    return schema::read(*scratch_, options_);
}

std::string WantedSchema::copy() {
    if (pristine_.empty()) {
        const std::string dump = scratch::dump_schema(target_, pg_dump_of(server_.major()));
        std::string name = server_.make();
        Connection connection = server_.connect(name);
        if (const auto refused = server_.load(connection, dump))
            throw Failure(ExitCode::other,
                          fmt::format("the schema of {} cannot be copied to {}: {}", target_.describe(),
                                      server_.describe(), refused->message),
                          std::string("What it needs must be there as well, extensions and collations. ") +
                              other_server);
        pristine_ = std::move(name);
    }
    return server_.make(pristine_);
}

/// Makes of the current schema what it is after these.
void WantedSchema::rename(const std::vector<Rename>& due, Model& current) {
    // Everything that names what is renamed reads otherwise then: PostgreSQL knows how.
    std::map<Key, schema::Size> sizes;
    for (const schema::Table& table : current.tables) {
        const auto moved = std::find_if(due.begin(), due.end(),
                                        [&](const Rename& rename) { return rename.from == table.key; });
        sizes.emplace(moved == due.end() ? table.key : moved->to, table.size);
    }
    Connection renamed = server_.connect(copy());
    for (const Rename& rename : due)
        std::ignore = renamed.script(rename.sql).or_throw();
    current = schema::read(renamed, options_);
    for (schema::Table& table : current.tables)
        if (const auto size = sizes.find(table.key); size != sizes.end())
            table.size = size->second;
}

Comparison WantedSchema::compare() {
    Comparison comparison;
    comparison.from = target_.describe();
    std::future<Model> current =
        std::async(std::launch::async, [&] { return schema::read(target_, options_); });
    comparison.wanted = declared_ ? load_declared() : load_file();
    comparison.to = declared_ ? "what the structs declare" : *invocation_.arguments.value("schema-file");
    comparison.current = current.get();
    const std::vector<Rename> due =
        declared_ ? Renames(*declared_, comparison.current).all() : std::vector<Rename>();
    if (!due.empty())
        rename(due, comparison.current);
    scratch::settle(*scratch_, comparison.current, comparison.wanted);
    comparison.kept = schema::keep_undeclared(comparison.current, comparison.wanted);
    comparison.plan = schema::plan(comparison.current, comparison.wanted);
    prepend(due, comparison.plan);
    return comparison;
}

std::optional<std::string> WantedSchema::attempt(const Comparison& comparison,
                                                 const std::vector<schema::Phase>& phases,
                                                 std::vector<Model>& models) {
    last_copy_ = copy();
    Connection connection = server_.connect(last_copy_);
    models = {schema::read(connection, options_)};
    for (const schema::Phase& phase : phases) {
        if (const auto refused = scratch::run(connection, {phase}))
            return fmt::format("{}\n{}", refused->message.message,
                               fmt::join(report::excerpt(refused->sql, refused->message.position), "\n"));
        models.push_back(schema::read(connection, options_));
    }
    Model result = models.back();
    scratch::settle(*scratch_, result, comparison.wanted);
    const schema::Plan left = schema::plan(result, comparison.wanted);
    if (left.empty())
        return std::nullopt;
    std::string text = "afterwards this still differs:";
    for (const schema::Change& change : left.changes)
        text += fmt::format("\n  {} {}: {}", change.sign, described(change.object), change.text);
    for (const std::string& line : left.unsupported)
        text += "\n  not supported: " + line;
    return text;
}

/// The way back, from the last phase on, as far as it loses nothing, keeps nobody waiting and leads where it
/// shall.
void WantedSchema::undo(const std::vector<Model>& models, std::vector<Tried>& tried) {
    Connection connection = server_.connect(last_copy_);
    for (std::size_t i = tried.size(); i-- > 0;) {
        const schema::Plan back = schema::plan(models[i + 1], models[i]);
        const bool costs =
            std::any_of(back.statements.begin(), back.statements.end(), [&](const schema::Statement& each) {
                return !each.loss.empty() || (tried[i].phase.transaction && !each.online.empty());
            });
        const std::vector<schema::Phase> ways = schema::phases(back, schema::Ordering::fewest);
        if (costs || !back.unsupported.empty() || ways.size() != 1)
            return;
        schema::Phase phase = ways.front();
        phase.transaction = tried[i].phase.transaction;
        if (scratch::run(connection, {phase}) ||
            !schema::plan(schema::read(connection, options_), models[i]).empty())
            return;
        tried[i].back = std::move(phase);
    }
}

std::vector<Tried> WantedSchema::prove(const Comparison& comparison) {
    std::vector<Model> models;
    std::vector<schema::Phase> phases = schema::phases(comparison.plan, schema::Ordering::fewest);
    std::optional<std::string> wrong = attempt(comparison, phases, models);
    if (wrong) {
        invocation_.sink.detail("Tried in another order: " + *wrong);
        phases = schema::phases(comparison.plan, schema::Ordering::as_listed);
        wrong = attempt(comparison, phases, models);
    }
    if (wrong)
        throw Failure(ExitCode::other,
                      fmt::format("the plan was tried on a copy of the schema of {}, and did not do: {}",
                                  target_.describe(), *wrong),
                      "Nothing was written. `dibs diff --sql` prints the plan; write the migration by hand "
                      "(dibs generate NAME) from what of it is right.");
    std::vector<Tried> tried;
    for (schema::Phase& phase : phases)
        tried.push_back({std::move(phase), std::nullopt});
    undo(models, tried);
    return tried;
}

} // namespace dibs::cli
