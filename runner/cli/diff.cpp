#include <algorithm>
#include <future>

#include <fmt/format.h>

#include "cli/project.hpp"
#include "report/json.hpp"
#include "report/text.hpp"
#include "schema/diff/plan.hpp"
#include "schema/read/reader.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;
using report::Failure;
using report::Style;
using schema::Change;
using schema::Hazard;
using schema::Key;
using schema::Plan;

schema::ReadOptions read_options(const config::Settings& settings) {
    const history::Location history = history_location(settings);
    return {.excluded_names = {history.table, history.attempts()},
            .excluded_prefixes = {std::string(history::table_prefix)}};
}

/// "about 12000 rows, 8.0 MB"; empty for what was never counted.
std::string size_text(const schema::Size& size) {
    constexpr double page = 8192;
    constexpr double megabyte = 1e6;
    if (size.rows < 0 && size.pages == 0)
        return {};
    std::string text = size.rows < 0 ? "rows never counted" : fmt::format("about {} rows", size.rows);
    if (size.pages > 0)
        text += fmt::format(", {:.1f} MB", static_cast<double>(size.pages) * page / megabyte);
    return text;
}

std::string size_of(const Key& table, const schema::Model& model) {
    const auto find = [&](const auto& all) -> std::string {
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.key == table; });
        return found == all.end() ? std::string() : size_text(found->size);
    };
    return table.kind == schema::Kind::table ? find(model.tables) : find(model.views);
}

Style style_of(char sign) {
    return sign == '+' ? Style::good : sign == '-' ? Style::bad : Style::warning;
}

void print_change(const Change& change, const std::string& indent, const std::string& size,
                  report::Sink& sink) {
    sink.out(fmt::format("{}{} {}{}", indent, sink.paint(style_of(change.sign), std::string(1, change.sign)),
                         report::harmless(change.text), size.empty() ? "" : "  (" + size + ")"));
    for (const Hazard& hazard : change.hazards)
        sink.out(fmt::format("{}    {} {}", indent,
                             sink.paint(hazard.type == Hazard::Type::data_loss ? Style::bad : Style::warning,
                                        fmt::format("! {}:", schema::word(hazard.type))),
                             hazard.text));
    if (!change.remark.empty())
        sink.out(fmt::format("{}    ? {}", indent, report::harmless(change.remark)));
}

void print_changes(const Plan& plan, const schema::Model& from, report::Sink& sink) {
    for (std::size_t i = 0; i < plan.changes.size();) {
        const Key& group = plan.changes[i].group;
        const std::string size = size_of(group, from);
        if (plan.changes[i].sign != '~' && plan.changes[i].object == group) {
            print_change(plan.changes[i++], "", size, sink);
        } else {
            sink.out(fmt::format("{}{}",
                                 sink.paint(Style::strong, report::harmless(schema::described(group))),
                                 size.empty() ? "" : "  (" + size + ")"));
        }
        for (; i < plan.changes.size() && plan.changes[i].group == group; ++i)
            print_change(plan.changes[i], "  ", "", sink);
    }
    for (const std::string& line : plan.unsupported)
        sink.out(sink.paint(Style::bad, "! not supported: ") + report::harmless(line));
}

void print_sql(const Plan& plan, const std::string& from, const std::string& to, report::Sink& sink) {
    sink.out(fmt::format("-- Makes {}\n-- into what is in {}.", from, to));
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

ExitCode run(Invocation& invocation) {
    report::Sink& sink = invocation.sink;
    const Arguments& arguments = invocation.arguments;
    const std::optional<std::string> from_url = arguments.value("from");
    const std::optional<std::string> to_url = arguments.value("to");
    if (!to_url)
        throw Failure(
            ExitCode::usage, "dibs diff: --to URL is missing: what the database shall become",
            "It compares two databases: `dibs diff --from URL --to URL`; without --from, the configured "
            "one with --to.");
    database::Connection from = from_url ? connect_to(invocation, *from_url) : connect(invocation);
    database::Connection to = connect_to(invocation, *to_url);
    const std::string from_name = from.describe();
    const std::string to_name = to.describe();
    const schema::ReadOptions options = read_options(invocation.settings);
    std::future<schema::Model> other =
        std::async(std::launch::async, [&] { return schema::read(to, options); });
    const schema::Model current = schema::read(from, options);
    const schema::Model wanted = other.get();
    const Plan plan = schema::plan(current, wanted);

    if (invocation.json()) {
        sink.raw(report::to_json(document_of(plan, from_name, to_name), sink.redactor()));
    } else if (arguments.has("sql")) {
        if (!plan.unsupported.empty())
            refuse(plan);
        print_sql(plan, from_name, to_name, sink);
    } else {
        print_changes(plan, current, sink);
        if (!plan.empty())
            sink.out("");
        sink.out(plan.empty()
                     ? fmt::format("Nothing differs between {} and {}", from_name, to_name)
                     : fmt::format("{} to make {} into what is in {}",
                                   report::counted(plan.changes.size() + plan.unsupported.size(), "change"),
                                   from_name, to_name));
    }
    return arguments.has("exit-code") && !plan.empty() ? ExitCode::pending : ExitCode::done;
}

} // namespace

Command diff_command() {
    return {
        .name = "diff",
        .summary = "compares the schemas of two databases",
        .details =
            "Reads both schemas, each as of one moment, and tells what has to change in the first: a line a "
            "change, + for what is made, - for what is dropped, ~ for what is altered; ! marks what loses "
            "data, takes long or may fail. Writes nothing to either database; a role that may only read, "
            "and a standby, will do. What dibs does not model (docs/diff.md) is left alone.",
        .json =
            "{\"from\", \"to\", \"equal\", \"changes\": [{\"sign\", \"kind\", \"object\", \"group\", "
            "\"text\", "
            "\"hazards\", \"remark\"}], \"statements\": [{\"sql\", \"loses\", \"alone\"}], \"unsupported\"}",
        .examples = {"dibs diff --from postgresql:///shop --to postgresql:///shop_next",
                     "dibs diff --to postgresql:///shop_next --sql > change.sql",
                     "dibs diff --to postgresql:///shop_next --exit-code  # 3: something differs"},
        .options = {{.name = "from",
                     .value = "URL",
                     .help = "the database that is to change (default: the configured one)"},
                    {.name = "to", .value = "URL", .help = "a database that has the schema it shall have"},
                    {.name = "sql", .help = "print the statements that make the change, ready for psql"},
                    {.name = "exit-code", .help = "end with 3 when something differs"}},
        .run = run,
    };
}

} // namespace dibs::cli
