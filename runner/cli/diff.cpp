#include <future>

#include <fmt/format.h>

#include "cli/build.hpp"
#include "cli/changes.hpp"
#include "cli/library_safety.hpp"
#include "cli/project.hpp"
#include "cli/row_check.hpp"
#include "cli/scratch_copy.hpp"
#include "cli/wanted_schema.hpp"
#include "report/json.hpp"
#include "report/text.hpp"
#include "schema/diff/respell.hpp"
#include "schema/read/reader.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;
using report::Failure;
using schema::Change;
using schema::Hazard;
using schema::Key;
using schema::Plan;

void print_sql(const Plan& plan, const std::string& from, const std::string& to, report::Sink& sink) {
    sink.out(fmt::format("-- Makes {}\n-- into {}.", from, to));
    if (plan.statements.empty())
        sink.out("-- Nothing differs.");
    for (const schema::Statement& statement : plan.statements) {
        std::string text = "\n";
        if (!statement.loss.empty())
            text += fmt::format("-- DATA LOSS: {}\n", statement.loss);
        if (statement.alone)
            text += "-- Must be committed before the value is used.\n";
        sink.raw(text + statement.sql + ";"); // as it is: it is to be run
    }
}

report::DiffDocument document_of(const Plan& plan, const std::string& from, const std::string& to) {
    report::DiffDocument document;
    document.from = from;
    document.to = to;
    for (const Change& change : plan.changes) {
        report::DiffDocument::Change entry;
        entry.sign = change.sign;
        entry.kind = schema::word(change.object.kind);
        entry.object = schema::described(change.object);
        entry.group = schema::described(change.group);
        entry.text = change.text;
        for (const Hazard& hazard : change.hazards)
            entry.hazards.push_back({std::string(schema::word(hazard.type)), hazard.text});
        if (!change.remark.empty())
            entry.remark = change.remark;
        document.changes.push_back(std::move(entry));
    }
    for (const schema::Statement& statement : plan.statements) {
        report::DiffDocument::Statement entry{statement.sql, std::nullopt, statement.alone};
        if (!statement.loss.empty())
            entry.loses = statement.loss;
        document.statements.push_back(std::move(entry));
    }
    document.unsupported = plan.unsupported;
    return document;
}

[[noreturn]] void refuse(const Plan& plan) {
    throw Failure(ExitCode::other,
                  fmt::format("not supported: {}", fmt::join(plan.unsupported, "\nnot supported: ")),
                  "Make these alike by hand first; `dibs diff` without --sql lists what else differs.");
}

void print(const Comparison& comparison, report::Sink& sink) {
    const Plan& plan = comparison.plan;
    print_changes(plan, comparison.current, sink);
    if (!plan.empty())
        sink.out("");
    sink.out(plan.empty()
                 ? fmt::format("Nothing differs between {} and {}", comparison.from, comparison.to)
                 : fmt::format("{} to make {} into {}",
                               report::counted(plan.changes.size() + plan.unsupported.size(), "change"),
                               comparison.from, comparison.to));
    if (comparison.kept.empty())
        return;
    sink.say(fmt::format("{} that nothing declares stay as they are{}",
                         report::counted(comparison.kept.size(), "object"),
                         sink.verbosity().verbose ? ":" : " (--verbose lists them)."));
    for (const Key& key : comparison.kept)
        sink.detail("  " + report::harmless(described(key)));
}

ExitCode tell(Invocation& invocation, const Comparison& comparison) {
    report::Sink& sink = invocation.sink;
    const Plan& plan = comparison.plan;
    if (invocation.json()) {
        sink.raw(report::to_json(document_of(plan, comparison.from, comparison.to), sink.redactor()));
    } else if (invocation.arguments.has("sql")) {
        if (!plan.unsupported.empty())
            refuse(plan);
        print_sql(plan, comparison.from, comparison.to, sink);
    } else {
        print(comparison, sink);
    }
    return invocation.arguments.has("exit-code") && !plan.empty() ? ExitCode::pending : ExitCode::done;
}

ExitCode run(Invocation& invocation) {
    const Arguments& arguments = invocation.arguments;
    const std::optional<std::string> from_url = arguments.value("from");
    const std::optional<std::string> to_url = arguments.value("to");
    if (to_url && arguments.has("schema-file"))
        throw Failure(ExitCode::usage, "--to and --schema-file both say what the database shall become",
                      "Give one of them, or neither to take what the structs declare.");
    if (!to_url) {
        build(invocation);
        database::Connection target =
            from_url ? connect_to(invocation, *from_url, "--from") : connect(invocation);
        Comparison comparison = WantedSchema(invocation, target).compare();
        look_at_rows(target, comparison.plan);
        return tell(invocation, comparison);
    }
    const schema::Filter filter = configured_filter(invocation.settings);
    database::Connection from = from_url ? connect_to(invocation, *from_url, "--from") : connect(invocation);
    database::Connection to = connect_to(invocation, *to_url, "--to");
    Comparison comparison;
    comparison.from = from.describe();
    comparison.to = to.describe();
    const schema::ReadOptions options = read_options(invocation.settings);
    std::future<schema::Model> other =
        std::async(std::launch::async, [&] { return schema::read(to, options); });
    comparison.current = schema::read(from, options);
    comparison.wanted = other.get();
    schema::respell(comparison.current, comparison.wanted);
    if (schema::may_read_alike(comparison.current, comparison.wanted))
        settle_on_copy(invocation, to, comparison);
    plan(comparison, filter, invocation.sink);
    look_at_rows(from, comparison.plan);
    return tell(invocation, comparison);
}

} // namespace

Command diff_command() {
    return {
        .name = "diff",
        .summary = "compares a database with what the structs declare",
        .details = "Tells what has to change in the database so that it is what the structs declare: a line "
                   "a change, + for "
                   "what is made, - for what is dropped, ~ for what is altered; ! marks what loses data, "
                   "takes long or may "
                   "fail. With --to URL it compares two databases.\n"
                   "What is declared is made in a database of its own, on a private server of the same major "
                   "version, which "
                   "dibs starts (scratch: {url: ...} in dibs.yaml names another), and both are read from "
                   "PostgreSQL's "
                   "catalogs. The database itself is only read; a role that may only read, and a standby, "
                   "will do. What "
                   "nothing declares (a view, a function, another schema) stays, and so does what dibs does "
                   "not model "
                   "(docs/diff.md).",
        .json =
            "{\"from\", \"to\", \"equal\", \"changes\": [{\"sign\", \"kind\", \"object\", \"group\", "
            "\"text\", "
            "\"hazards\", \"remark\"}], \"statements\": [{\"sql\", \"loses\", \"alone\"}], \"unsupported\"}",
        .examples = {"dibs diff", "dibs diff --exit-code  # 3: something differs",
                     "dibs diff --schema-file schema.sql --sql > change.sql",
                     "dibs diff --from postgresql:///shop --to postgresql:///shop_next"},
        .options = {{.name = "from",
                     .value = "URL",
                     .help = "the database that is to change (default: the configured one)"},
                    {.name = "to", .value = "URL", .help = "a database that has the schema it shall have"},
                    schema_file_option(),
                    {.name = "sql", .help = "print the statements that make the change, ready for psql"},
                    {.name = "exit-code", .help = "end with 3 when something differs"},
                    no_build_option(),
                    allow_unsafe_option()},
        .run = run,
    };
}

} // namespace dibs::cli
