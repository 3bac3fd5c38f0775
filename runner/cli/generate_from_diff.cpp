#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/build.hpp"
#include "cli/changes.hpp"
#include "cli/library_safety.hpp"
#include "cli/new_migration.hpp"
#include "cli/project.hpp"
#include "cli/row_check.hpp"
#include "cli/tried_on.hpp"
#include "cli/wanted_schema.hpp"
#include "report/json.hpp"
#include "report/text.hpp"
#include "schema/source/migration_source.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;
using report::Failure;
using schema::Plan;

/// What is not applied yet is not in the database, and would be written again.
void refuse_pending(Invocation& invocation, database::Connection& connection) {
    Files files(invocation, false);
    const Look seen = look(connection, invocation.settings);
    const migration::Plan plan =
        migration::make_plan(files.libraries(), files.sources(), seen.history.read_all(connection).applied);
    const std::size_t pending = plan.pending_count();
    if (pending > 0)
        throw Failure(
            ExitCode::pending,
            fmt::format("{} pending: what a migration does that is not applied yet is not in the database, "
                        "and would be written a second time",
                        pending == 1 ? "a migration is" : fmt::format("{} migrations are", pending)),
            "Apply what is pending first: dibs migrate. Nothing was written.");
}

/// What --allow-data-loss calls it.
const char* word_for(schema::Hazard::Loses loses) {
    switch (loses) {
    case schema::Hazard::Loses::table:
        return "tables";
    case schema::Hazard::Loses::column:
        return "columns";
    case schema::Hazard::Loses::values:
        return "values";
    case schema::Hazard::Loses::nothing:
        break;
    }
    return "all";
}

/// @throws report::Failure for what the plan destroys and was not allowed to
void refuse_loss(const Plan& plan, const Arguments& arguments) {
    std::set<std::string> allowed;
    std::stringstream list(arguments.value("allow-data-loss").value_or(""));
    for (std::string word; std::getline(list, word, ',');)
        allowed.insert(word);
    if (allowed.contains("all"))
        return;
    std::string losses;
    std::set<std::string> needed = allowed;
    bool renaming_would_help = false;
    for (const schema::Change& change : plan.changes)
        for (const schema::Hazard& hazard : change.hazards) {
            if (hazard.type != schema::Hazard::Type::data_loss || allowed.contains(word_for(hazard.loses)))
                continue;
            losses += fmt::format("\n  {}: {}", described(change.object), hazard.text);
            needed.insert(word_for(hazard.loses));
            renaming_would_help |= change.sign == '-';
        }
    if (!losses.empty())
        throw Failure(ExitCode::other, "this would destroy data:" + losses,
                      fmt::format("If that is meant: --allow-data-loss={}. {}Nothing was written.",
                                  fmt::join(needed, ","),
                                  renaming_would_help ? "If something has another name now, say so where it "
                                                        "is declared (renamed_from). "
                                                      : ""));
}

std::string comment_for(const std::string& typed, std::size_t index, std::size_t count,
                        const std::string& against) {
    const std::string part = count == 1 ? "" : fmt::format(", part {} of {}", index + 1, count);
    return fmt::format("Written by `dibs generate-from-diff {}`{}.\n{}", typed, part,
                       index == 0 ? tried_on_line(against)
                                  : fmt::format("Tried on that copy after part {}.", index));
}

/// The plan as the migrations do it: what they do in another way keeps nobody waiting.
Plan as_written(Plan plan) {
    std::set<schema::Key> online;
    for (const schema::Statement& statement : plan.statements)
        if (!statement.online.empty())
            online.insert(statement.object);
    for (schema::Change& change : plan.changes)
        if (online.contains(change.object))
            std::erase_if(change.hazards, [](const schema::Hazard& hazard) {
                return hazard.type == schema::Hazard::Type::long_lock;
            });
    return plan;
}

/// @param files what was written, in the order in which it runs
void warn_of_rows(const Plan& plan, const std::vector<NewMigration>& files, report::Sink& sink) {
    for (const schema::Change& change : plan.changes)
        for (const schema::Hazard& hazard : change.hazards)
            if (hazard.type == schema::Hazard::Type::fails && !files.empty())
                sink.warn(fmt::format("{}: `dibs migrate` will fail here: {}. Work that into {} "
                                      "before you migrate.",
                                      described(change.object), hazard.text,
                                      std::filesystem::proximate(files.front().path).string()));
}

void tell(Invocation& invocation, const Comparison& comparison, const std::vector<NewMigration>& written,
          const std::vector<Tried>& tried) {
    report::Sink& sink = invocation.sink;
    print_changes(as_written(comparison.plan), comparison.current, sink);
    sink.out("");
    for (std::size_t i = 0; i < written.size(); ++i)
        sink.out(fmt::format("{}{}", std::filesystem::proximate(written[i].path).string(),
                             tried[i].back ? "  (with its rollback)" : ""));
    sink.say(
        fmt::format("\nTried on a copy of the schema of {}: it becomes what is declared. Read {}, then:\n"
                    "  dibs migrate           # {}apply",
                    comparison.from, written.size() == 1 ? "it" : "them",
                    invocation.settings.build.value_or("").empty() ? "" : "build and "));
}

ExitCode run(Invocation& invocation) {
    const std::string typed = invocation.arguments.words().front();
    const std::string name = file_name_part(typed);
    build(invocation);
    database::Connection target = connect(invocation);
    refuse_pending(invocation, target);
    WantedSchema wanted(invocation, target);
    std::string against;
    Comparison comparison = wanted.compare(&against);
    const Plan& plan = comparison.plan;
    report::Sink& sink = invocation.sink;
    if (!plan.unsupported.empty())
        throw Failure(
            ExitCode::other,
            fmt::format("not supported: {}", fmt::join(plan.unsupported, "\nnot supported: ")),
            "Make these alike by a migration of your own (dibs generate NAME). Nothing was written.");
    refuse_loss(plan, invocation.arguments);
    look_at_rows(target, comparison.plan);

    std::vector<Tried> tried;
    if (!plan.empty())
        tried = wanted.prove(comparison);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < tried.size(); ++i)
        names.push_back(tried.size() == 1 ? name : fmt::format("{}_{}", name, i + 1));
    const std::vector<NewMigration> written =
        write_migrations(invocation, names, [&](std::size_t i, const plugin::Version&) {
            return schema::migration_source(comment_for(typed, i, tried.size(), against), tried[i].phase,
                                            tried[i].back);
        });

    warn_of_rows(plan, written, sink);
    if (invocation.json()) {
        report::GeneratedDocument document;
        for (const NewMigration& migration : written)
            document.migrations.push_back(
                {std::filesystem::proximate(migration.path).string(), migration.version.to_string()});
        document.schema = against;
        sink.raw(report::to_json(document, sink.redactor()));
    } else if (plan.empty()) {
        sink.out(fmt::format("Nothing differs between {} and {}: no migration is needed", comparison.from,
                             comparison.to));
    } else {
        tell(invocation, comparison, written, tried);
    }
    return ExitCode::done;
}

} // namespace

Command generate_from_diff_command() {
    return {
        .name = "generate-from-diff",
        .words = "NAME",
        .summary = "writes a migration from what differs",
        .details = "Compares as `dibs diff` does, and writes what makes them alike as one migration or "
                   "several, NAME_1, NAME_2 "
                   "...: an index on a table that is there already is built concurrently, a foreign key or a "
                   "check is added "
                   "NOT VALID and validated after, NOT NULL is set by way of a check, a new enum value is "
                   "committed before it "
                   "is used. Where the way back loses nothing and keeps nobody waiting, a rollback() is "
                   "written too.\n"
                   "Before anything is written, the plan is carried out on a copy of the database's schema "
                   "(by pg_dump), and "
                   "what comes of it is held against what is declared. What would destroy data is refused.",
        .json = "{\"migrations\": [{\"path\", \"version\"}], \"schema\"}",
        .examples = {"dibs generate-from-diff create-users",
                     "dibs generate-from-diff drop-legacy --allow-data-loss"},
        .options = {schema_file_option(),
                    {.name = "allow-data-loss",
                     .value = "WHAT",
                     .implied = "all",
                     .help = "write what destroys data, too: all of it, or tables, columns and values, with "
                             "commas between",
                     .choices = {{"all", "whatever there is"},
                                 {"tables", "tables that are dropped or made again"},
                                 {"columns", "columns that are dropped or made again"},
                                 {"values", "values that another type rounds or cuts"}},
                     .several = true},
                    no_build_option(),
                    allow_unsafe_option()},
        .least_words = 1,
        .most_words = 1,
        .run = run,
    };
}

} // namespace dibs::cli
