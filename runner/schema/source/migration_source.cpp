#include "schema/source/migration_source.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "schema/sql/quote.hpp"
#include "schema/sql/scan.hpp"

namespace dibs::schema {
namespace {

using Way = Piece::Way;

constexpr std::size_t line_width = 110;
constexpr std::size_t longest_step_name = 200;

/// "text", on one line.
std::string cpp_literal(std::string_view text) {
    std::string literal = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            literal += '\\';
        if (c == '\n')
            literal += "\\n";
        else
            literal += c;
    }
    return literal + '"';
}

std::string cpp_list(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts)
        list += (list.empty() ? "{" : ", ") + cpp_literal(text);
    return list + "}";
}

/// R"sql(text)sql", with a delimiter that the text has not.
std::string raw_literal(const std::string& text) {
    std::string delimiter = "sql";
    while (text.find(")" + delimiter + "\"") != std::string::npos)
        delimiter += '_';
    return fmt::format("R\"{0}({1}){0}\"", delimiter, text);
}

/// Whether a line of it can begin elsewhere without a change of what it means.
bool may_be_indented(const std::string& sql) {
    return sql.find('$') == std::string::npos && std::count(sql.begin(), sql.end(), '\n') == [&] {
        std::ptrdiff_t outside = 0;
        for (std::size_t at = find_outside_quotes(sql, '\n'); at != std::string::npos;
             at = find_outside_quotes(sql, '\n', at + 1))
            ++outside;
        return outside;
    }();
}

std::string execute(const std::string& sql, const std::string& indent) {
    if (sql.find('\n') == std::string::npos && sql.find('"') == std::string::npos &&
        indent.size() + sql.size() < line_width)
        return fmt::format("{}ctx.execute({});\n", indent, cpp_literal(sql));
    if (!may_be_indented(sql))
        return fmt::format("{}ctx.execute({});\n", indent, raw_literal("\n" + sql + "\n"));
    const std::string inner = "\n" + indent + "    ";
    std::string text = inner;
    for (const char c : sql)
        text += c == '\n' ? inner : std::string(1, c);
    return fmt::format("{}ctx.execute({});\n", indent, raw_literal(text + "\n" + indent));
}

/// What follows the columns of an index: " INCLUDE (c) NULLS NOT DISTINCT WITH (fillfactor='70') WHERE (d >
/// 0)".
struct Clauses {
    std::string_view include;
    bool nulls_not_distinct = false;
    std::string_view with;
    std::string_view where;

    explicit Clauses(std::string_view text) {
        const auto word = [&](std::string_view expected) {
            const bool there = text.starts_with(expected);
            if (there)
                text.remove_prefix(expected.size());
            return there;
        };
        const auto in_parentheses = [&] {
            const std::size_t close = closing_parenthesis(text, 0);
            const std::string_view inner = text.substr(1, close - 1);
            text.remove_prefix(close + 1);
            return inner;
        };
        if (word(" INCLUDE "))
            include = in_parentheses();
        nulls_not_distinct = word(" NULLS NOT DISTINCT");
        if (word(" WITH "))
            with = in_parentheses();
        if (word(" WHERE "))
            where = text;
    }
};

/// A name as the SDK takes it: bare.
std::string unquoted(std::string_view name) {
    if (!name.starts_with('"'))
        return std::string(name);
    std::string bare(name.substr(1, name.size() - 2));
    for (std::size_t at = bare.find("\"\""); at != std::string::npos; at = bare.find("\"\"", at + 1))
        bare.erase(at, 1);
    return bare;
}

/// "public.t USING btree (a, lower(b)) ..." in its parts.
std::string build_index(const Piece& piece) {
    constexpr std::string_view using_word = " USING ";
    const std::string_view text = piece.definition;
    const std::size_t end_of_table = find_outside_quotes(text, ' ');
    const std::size_t open = find_outside_quotes(text, '(', end_of_table);
    const std::size_t close = closing_parenthesis(text, open);
    const std::string_view table = text.substr(0, end_of_table);
    const std::size_t dot = find_outside_quotes(table, '.');
    const std::size_t method = end_of_table + using_word.size();
    const Clauses clauses(text.substr(close + 1));

    std::string call = "    ctx.create_index_concurrently({\n";
    const auto add = [&](std::string_view name, const std::string& value) {
        call += fmt::format("        .{} = {},\n", name, value);
    };
    add("table", cpp_literal(unquoted(table.substr(dot == std::string_view::npos ? 0 : dot + 1))));
    add("columns", cpp_list(list_elements(text.substr(open + 1, close - open - 1))));
    add("name", cpp_literal(piece.index.name));
    if (piece.unique)
        add("unique", "true");
    if (!clauses.where.empty())
        add("where", cpp_literal(clauses.where));
    if (const std::string_view used = text.substr(method, open - method - 1); used != "btree")
        add("method", cpp_literal(used));
    if (!clauses.include.empty())
        add("include", cpp_list(list_elements(clauses.include)));
    if (!clauses.with.empty())
        add("with", cpp_literal(clauses.with));
    add("schema", cpp_literal(piece.index.schema)); // always its table's
    if (clauses.nulls_not_distinct)
        add("nulls_not_distinct", "true");
    return call + "    });\n";
}

class StepNames {
  public:
    /// The statement's words, told apart where they are cut.
    std::string of(std::string sql) {
        std::replace(sql.begin(), sql.end(), '\n', ' ');
        std::string name = sql.substr(0, longest_step_name);
        for (int i = 2; !used_.insert(name).second; ++i) {
            const std::string number = fmt::format(" ({})", i);
            name = sql.substr(0, longest_step_name - number.size()) + number;
        }
        return name;
    }

  private:
    std::set<std::string> used_;
};

std::string body(const Phase& phase) {
    std::string text;
    StepNames names;
    for (const Piece& piece : phase.pieces) {
        if (!piece.loss.empty())
            text += fmt::format("    // DATA LOSS: {}\n", piece.loss);
        if (piece.way == Way::build_index)
            text += build_index(piece);
        else if (piece.way == Way::drop_index)
            text += fmt::format("    ctx.drop_index_concurrently({{.name = {}, .schema = {}}});\n",
                                cpp_literal(piece.index.name), cpp_literal(piece.index.schema));
        else if (phase.transaction)
            text += execute(piece.sql, "    ");
        else
            text += fmt::format("    ctx.step({}, [&] {{\n{}    }});\n", cpp_literal(names.of(piece.sql)),
                                execute(piece.sql, "        "));
    }
    return text;
}

} // namespace

std::string migration_source(const std::string& comment, const Phase& phase,
                             const std::optional<Phase>& back) {
    std::string text;
    for (std::size_t at = 0; at < comment.size();) {
        const std::size_t end = std::min(comment.find('\n', at), comment.size());
        text += "// " + comment.substr(at, end - at) + "\n";
        at = end + 1;
    }
    text += fmt::format("#include <dibs/migration.hpp>\n\nDIBS_MIGRATION({});\n\n"
                        "void migrate(dibs::MigrationContext& ctx) {{\n{}}}\n",
                        phase.transaction ? "" : ".transaction = false", body(phase));
    if (back && back->pieces.empty())
        text += "\nvoid rollback(dibs::MigrationContext&) {\n    // The other parts' ways back leave nothing "
                "to do.\n}\n";
    else if (back)
        text += fmt::format("\nvoid rollback(dibs::MigrationContext& ctx) {{\n{}}}\n", body(*back));
    return text;
}

} // namespace dibs::schema
