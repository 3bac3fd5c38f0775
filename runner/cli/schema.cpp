#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/build.hpp"
#include "cli/command.hpp"
#include "cli/declared_schema.hpp"
#include "cli/library_safety.hpp"
#include "declared/ddl.hpp"
#include "declared/diagram.hpp"
#include "declared/json.hpp"
#include "declared/quote.hpp"
#include "process/child.hpp"
#include "report/text.hpp"

namespace dibs::cli {
namespace {

using report::ExitCode;
using report::Failure;
using report::Sink;
using report::Style;

/// Without empty lines around it, and without a semicolon at its end.
std::string bare(std::string sql) {
    sql.erase(0, std::min(sql.find_first_not_of("\r\n"), sql.size()));
    sql.erase(sql.find_last_not_of(" \t\r\n;") + 1);
    return sql;
}

/// A statement as it stands in a script: ended by a semicolon that is in no comment.
std::string ended(const std::string& statement) {
    const std::string sql = bare(statement);
    const std::size_t last_line = sql.rfind('\n') == std::string::npos ? 0 : sql.rfind('\n');
    return sql + (sql.find("--", last_line) == std::string::npos ? ";" : "\n;");
}

void print_heading(Sink& sink, const std::string& name, const std::string& what, const declared::Where& where,
                   const std::string& comment) {
    const std::string place = text_of(where);
    sink.out(
        fmt::format("{}  {}", sink.paint(Style::strong, name),
                    sink.paint(Style::faint, fmt::format("{}{}{}", what, place.empty() ? "" : ", ", place))));
    if (!comment.empty())
        for (const std::string& line : report::wrapped(comment, 100))
            sink.out("  " + line);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines{""};
    for (const char c : text) {
        if (c == '\n')
            lines.emplace_back();
        else if (c != '\r')
            lines.back() += c;
    }
    return lines;
}

/// SQL with a comment behind it, which stays in one column: either may have several lines.
std::vector<std::string> with_comment(const std::string& sql, const std::string& comment, const Sink& sink) {
    std::vector<std::string> lines = lines_of(sql);
    if (comment.empty())
        return lines;
    std::string& last = lines.back();
    if (!last.empty())
        last += "  ";
    const std::string indent(report::characters(last), ' ');
    const std::vector<std::string> remarks = lines_of(comment);
    last += sink.paint(Style::faint, "-- " + remarks.front());
    for (std::size_t i = 1; i < remarks.size(); ++i)
        lines.push_back(indent + sink.paint(Style::faint, "-- " + remarks[i]));
    return lines;
}

void print_part(const std::string& sql, Sink& sink, const std::string& comment = "") {
    for (const std::string& line : with_comment(sql, comment, sink))
        sink.out("  " + line);
}

void print_table(const declared::Table& table, Sink& sink) {
    print_heading(sink, text_of(table.name), table.cpp_type, table.where, table.comment);
    std::vector<std::vector<std::string>> rows;
    for (const declared::Column& column : table.columns) {
        rows.push_back({"  " + column.name, column.type});
        const std::string words = fmt::format("{}", fmt::join(words_of(column), " "));
        for (const std::string& line : with_comment(words, column.comment, sink)) {
            rows.back().push_back(line);
            rows.push_back({"", ""});
        }
        rows.pop_back();
    }
    for (const std::string& line : report::aligned(rows))
        sink.out(line);
    for (const std::string& constraint : constraints_in(table))
        print_part(constraint, sink);
    for (const declared::ForeignKey& key : table.foreign_keys)
        print_part(definition(key), sink);
    for (const declared::Index& index : table.indexes)
        print_part(fmt::format("{}INDEX {}{}", index.unique ? "UNIQUE " : "",
                               index.name.empty() ? "" : index.name + " ", definition(index)),
                   sink, index.comment);
    sink.out("");
}

void print_schema(const declared::Schema& schema, Sink& sink) {
    for (const declared::Enumeration& enumeration : schema.enumerations) {
        print_heading(sink, text_of(enumeration.name), enumeration.cpp_type, enumeration.where,
                      enumeration.comment);
        std::vector<std::string> labels;
        for (const std::string& label : enumeration.labels)
            labels.push_back(declared::literal(label));
        sink.out(fmt::format("  ENUM ({})\n", fmt::join(labels, ", ")));
    }
    for (const declared::Table& table : schema.tables)
        print_table(table, sink);
    for (const declared::Script& script : schema.scripts) {
        print_heading(sink, script.name, "SQL", script.where, "");
        for (const std::string& line : report::excerpt(bare(script.sql), 0))
            sink.out(line);
        sink.out("");
    }
    if (schema.tables.empty())
        sink.out("The schema has no tables yet: DIBS_TABLE(User, \"users\") {} declares the struct User to "
                 "be one.");
    sink.out(fmt::format("{}, {}, {} of plain SQL", report::counted(schema.tables.size(), "table"),
                         report::counted(schema.enumerations.size(), "enum"),
                         report::counted(schema.scripts.size(), "piece")));
}

void print_sql(const declared::Schema& schema, Sink& sink) {
    std::string separator;
    for (const declared::Statement& statement : declared::ddl(schema)) {
        sink.raw(separator + ended(statement.sql)); // as it is: it is to be run
        separator = "\n";
    }
}

void print_svg(const declared::Schema& schema, Sink& sink) {
    if (!process::find_program("dot"))
        throw Failure(ExitCode::other, "an SVG is drawn by Graphviz's program dot, which is not installed",
                      "Install it (Debian: apt install graphviz), or take --diagram=mermaid.");
    const process::Result drawn = process::run({.argv = {"dot", "-Tsvg"}}, declared::dot(schema));
    if (!drawn.exit.ok())
        throw Failure(ExitCode::other, fmt::format("dot failed ({}): {}", drawn.exit.describe(), drawn.err));
    sink.out(drawn.out);
}

ExitCode run(Invocation& invocation) {
    const bool as_sql = invocation.arguments.has("sql");
    const std::optional<std::string> diagram = invocation.arguments.value("diagram");
    if ((as_sql ? 1 : 0) + (diagram ? 1 : 0) + (invocation.json() ? 1 : 0) > 1)
        throw Failure(ExitCode::usage, "dibs schema prints one thing at a time",
                      "Give one of --sql, --json and --diagram.");
    build(invocation, Needs::no_database);
    const declared::Schema schema = declared_schema(invocation);
    Sink& sink = invocation.sink;
    if (invocation.json())
        sink.raw(declared::to_json(schema, sink.redactor()));
    else if (as_sql)
        print_sql(schema, sink);
    else if (diagram == "svg")
        print_svg(schema, sink);
    else if (diagram)
        sink.out(declared::mermaid(schema));
    else
        print_schema(schema, sink);
    return ExitCode::done;
}

} // namespace

Command schema_command() {
    return {
        .name = "schema",
        .summary = "shows the schema as the structs declare it",
        .details =
            "Runs the `build:` of dibs.yaml, if there is one, loads the schema's library (schema_library in "
            "dibs.yaml, default build/schema.so) and prints the tables that its structs declare. Needs no "
            "database.",
        .json = "{\"tables\": [{\"name\", \"columns\": [...], ...}], \"enums\": [...], \"sql\": [...]}",
        .examples = {"dibs schema", "dibs schema --sql | psql --single-transaction scratch",
                     "dibs schema --diagram=svg > schema.svg"},
        .options = {{.name = "sql", .help = "print the SQL that makes it in an empty database"},
                    {.name = "diagram",
                     .value = "FORMAT",
                     .implied = "mermaid",
                     .help =
                         "print a diagram of its tables: mermaid (the default), or svg, drawn by Graphviz",
                     .choices = {{"mermaid", "text that GitHub and others draw"}, {"svg", "a picture"}}},
                    no_build_option(),
                    allow_unsafe_option()},
        .scope = Scope::project,
        .run = run,
    };
}

} // namespace dibs::cli
