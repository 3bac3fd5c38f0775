#include "cli/wanted_schema.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "cli/declared_schema.hpp"
#include "cli/project.hpp"
#include "cli/scratch_copy.hpp"
#include "cli/tried_on.hpp"
#include "declared/ddl.hpp"
#include "report/text.hpp"
#include "schema/diff/undeclared.hpp"
#include "scratch/copy.hpp"
#include "scratch/settle.hpp"

namespace dibs::cli {
namespace {

using database::Connection;
using report::ExitCode;
using report::Failure;
using schema::Key;
using schema::Model;

/// pg_dump's output is SQL but for two lines, which tell psql when to take no commands.
std::string without_restrictions(const std::string& text) {
    std::string sql;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line(text.data() + at, end - at);
        if (!line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict "))
            sql += line;
        if (end < text.size())
            sql += '\n';
        at = end + 1;
    }
    return sql;
}

/// What is to be done about SQL of a file that PostgreSQL refuses.
std::string hint_for(const database::Message& refused, const std::string& text) {
    constexpr const char* syntax_error = "42601";
    constexpr const char* duplicate_object = "42710";
    std::string hint;
    if (refused.sqlstate == syntax_error && refused.message.ends_with("at or near \"\\\"") &&
        text.find('\\') != std::string::npos)
        hint = "That is a command of psql, not SQL: take it out. What it includes can stand in one file. ";
    if (refused.sqlstate == duplicate_object && refused.message.starts_with("role "))
        hint =
            "Roles belong to a server, not to a schema: leave them out. dibs makes those that are named, for "
            "as long as it compares. ";
    return hint + "Nothing was changed.";
}

std::string read_file(const std::string& path) {
    if (std::filesystem::is_directory(path))
        throw Failure(ExitCode::usage, fmt::format("{} is a folder", path),
                      "Name a file of SQL. Nothing was changed.");
    std::ifstream file(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file)
        throw Failure(ExitCode::usage, fmt::format("cannot read {}", path), "Nothing was changed.");
    if (text.starts_with("\xEF\xBB\xBF")) // a byte order mark
        text.erase(0, 3);
    return without_restrictions(text);
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

/// A state that a plan passes through, for the way back: a check that neither its beginning nor its end has
/// (NOT NULL goes by way of one) need not be validated there, which would read every row for nothing.
Model unchecked_on_the_way(Model state, const std::vector<Model>& models) {
    const auto has = [](const Model& model, const Key& key) {
        return std::any_of(model.constraints.begin(), model.constraints.end(),
                           [&](const schema::Constraint& each) { return each.key == key; });
    };
    for (schema::Constraint& each : state.constraints)
        if (each.type == schema::Constraint::Type::check && !has(models.front(), each.key) &&
            !has(models.back(), each.key))
            each.validated = false;
    return state;
}

/// A table that comes while one of its name stays, in a schema of which nothing is declared any more.
void remark_on_moves(Comparison& comparison, const std::set<Key>& declared) {
    const schema::Inventory wanted(comparison.wanted);
    for (schema::Change& change : comparison.plan.changes) {
        if (change.sign != '+' || change.object.kind != schema::Kind::table || !change.remark.empty())
            continue;
        for (const schema::Table& other : comparison.current.tables)
            if (other.key.name == change.object.name && wanted.has(other.key) &&
                !declared.contains(other.key))
                change.remark = fmt::format("{} stays; renamed_from(\"{}.{}\") would move it here",
                                            qualified(other.key), other.key.schema, other.key.name);
    }
}

} // namespace

schema::ReadOptions read_options(const config::Settings& settings) {
    const history::Location history = history_location(settings);
    return {.excluded_names = {history.table, history.attempts()},
            .excluded_prefixes = {std::string(history::table_prefix)},
            .role = settings.role.value_or("")};
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
      filter_(configured_filter(invocation.settings)),
      declared_(invocation.arguments.has("schema-file") ? std::nullopt
                                                        : std::optional(declared_schema(invocation))),
      file_(declared_ ? "" : read_file(*invocation.arguments.value("schema-file"))),
      server_(scratch_server(invocation, target.server_version() / 10000)) {
    if (server_.major() != target.server_version() / 10000)
        throw Failure(ExitCode::other,
                      fmt::format("{} is PostgreSQL {}, and {}, on which the schema is to be tried, is {}",
                                  target.describe(), target.server_version() / 10000, server_.describe(),
                                  server_.major()),
                      other_scratch_server);
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
        throw Failure(ExitCode::other, text, hint_for(*refused, file_));
    }
    return schema::read(*scratch_, options_);
}

std::string WantedSchema::copy() {
    if (pristine_.empty())
        pristine_ = copy_schema(target_, server_, locked_away_);
    return server_.make(pristine_);
}

/// What is to be done is for the database itself, whose default privileges count.
Model WantedSchema::read_copy(Connection& copy) const {
    Model model = schema::read(copy, options_);
    model.default_privileges = default_privileges_;
    return model;
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
    current = read_copy(renamed);
    due_ = due;
    renamed_ = current;
    for (schema::Table& table : current.tables)
        if (const auto size = sizes.find(table.key); size != sizes.end())
            table.size = size->second;
}

Comparison WantedSchema::compare(std::string* fingerprint) {
    Comparison comparison;
    comparison.from = target_.describe();
    std::future<Model> current =
        std::async(std::launch::async, [&] { return schema::read(target_, options_); });
    comparison.wanted = declared_ ? load_declared() : load_file();
    comparison.to = declared_ ? "what the structs declare" : *invocation_.arguments.value("schema-file");
    comparison.current = current.get();
    default_privileges_ = comparison.current.default_privileges;
    if (fingerprint != nullptr)
        *fingerprint = cli::fingerprint(comparison.current, invocation_.settings);
    std::vector<Rename> due = declared_ ? due_renames(*declared_, comparison.current) : std::vector<Rename>();
    if (!due.empty() && !filter_.empty())
        leave_out(filter_, comparison.current, comparison.wanted, due);
    if (fingerprint != nullptr || !due.empty()) { // a copy will be made
        locked_away_ = scratch::locked_away(target_);
        for (const schema::Table& table : comparison.wanted.tables)
            locked_away_.erase(table.key);
        take_out(locked_away_, comparison.current);
    }
    if (!due.empty())
        rename(due, comparison.current);
    scratch::settle(*scratch_, comparison.current, comparison.wanted);
    std::set<Key> declared;
    for (const schema::Table& table : comparison.wanted.tables)
        declared.insert(table.key);
    comparison.kept = schema::keep_undeclared(comparison.current, comparison.wanted);
    plan(comparison, filter_, invocation_.sink);
    if (declared_)
        remark_on_moves(comparison, declared);
    prepend(due, comparison.plan);
    return comparison;
}

std::optional<std::string> WantedSchema::attempt(const Comparison& comparison,
                                                 const std::vector<schema::Phase>& phases,
                                                 std::vector<Model>& models) {
    last_copy_ = copy();
    Connection connection = server_.connect(last_copy_);
    models = {read_copy(connection)};
    for (const schema::Phase& phase : phases) {
        if (const auto refused = scratch::run(connection, {phase}))
            return fmt::format("{}\n{}", refused->message.message,
                               fmt::join(report::excerpt(refused->sql, refused->message.position), "\n"));
        models.push_back(read_copy(connection));
    }
    Model result = models.back();
    scratch::settle(*scratch_, result, comparison.wanted);
    Model wanted = comparison.wanted;
    schema::keep_undeclared_privileges(result, wanted);
    const schema::Plan left = schema::plan(result, wanted);
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
    Model now = models.back();
    for (std::size_t i = tried.size(); i-- > 0;) {
        const bool renames = i == 0 && !due_.empty(); // a plan begins with them
        const Model before = unchecked_on_the_way(renames ? renamed_ : models[i], models);
        const schema::Plan back = schema::plan(now, before);
        const bool costs =
            std::any_of(back.statements.begin(), back.statements.end(), [&](const schema::Statement& each) {
                return !each.loss.empty() || (tried[i].phase.transaction && !each.online.empty());
            });
        const std::vector<schema::Phase> ways = schema::phases(back, schema::Ordering::fewest);
        if (costs || !back.unsupported.empty() || ways.size() > 1)
            return;
        schema::Phase phase = ways.empty() ? schema::Phase() : ways.front();
        phase.transaction = tried[i].phase.transaction;
        if (renames)
            for (auto rename = due_.rbegin(); rename != due_.rend(); ++rename)
                phase.pieces.push_back({schema::Piece::Way::transaction, rename->back});
        if (scratch::run(connection, {phase}))
            return;
        now = read_copy(connection);
        if (!schema::plan(now, renames ? models[0] : before).empty())
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
