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

/// The parts of "public.t USING btree (a, lower(b)) INCLUDE (c) WITH (fillfactor='70') WHERE (d > 0)".
std::string build_index(const Piece& piece) {
    const std::string_view text = piece.definition;
    std::vector<std::pair<std::string, std::string>> members;
    const auto parentheses = [&](std::string_view word, std::size_t from) -> std::optional<std::string_view> {
        const std::size_t at = text.find(word, from);
        if (at == std::string_view::npos)
            return std::nullopt;
        const std::size_t open = at + word.size() - 1;
        return text.substr(open + 1, closing_parenthesis(text, open) - open - 1);
    };
    constexpr std::string_view using_word = " USING ";
    const std::size_t method = find_outside_quotes(text, ' '); // behind the table
    const std::size_t open = find_outside_quotes(text, '(', method);
    const std::size_t close = closing_parenthesis(text, open);
    const std::string_view named = text.substr(0, method);
    // A table is in its index's schema, always.
    const std::size_t dot = find_outside_quotes(named, '.');
    std::string table(named.substr(dot == std::string_view::npos ? 0 : dot + 1));
    if (table.front() == '"') { // as the SDK takes names: bare
        table = table.substr(1, table.size() - 2);
        for (std::size_t at = table.find("\"\""); at != std::string::npos; at = table.find("\"\"", at + 1))
            table.erase(at, 1);
    }
    const auto add = [&](std::string name, std::string value) {
        members.emplace_back(std::move(name), std::move(value));
    };
    add("table", cpp_literal(table));
    add("columns", cpp_list(list_elements(text.substr(open + 1, close - open - 1))));
    add("name", cpp_literal(piece.index.name));
    if (piece.unique)
        add("unique", "true");
    const std::size_t where = text.find(" WHERE ", close);
    if (where != std::string_view::npos)
        add("where", cpp_literal(text.substr(where + std::string_view(" WHERE ").size())));
    const std::string_view access =
        text.substr(method + using_word.size(), open - method - using_word.size() - 1);
    if (access != "btree")
        add("method", cpp_literal(access));
    if (const auto include = parentheses(" INCLUDE (", close))
        add("include", cpp_list(list_elements(*include)));
    if (const auto with = parentheses(" WITH (", close))
        add("with", cpp_literal(*with));
    add("schema", cpp_literal(piece.index.schema));
    if (text.find(" NULLS NOT DISTINCT", close) < where)
        add("nulls_not_distinct", "true");
    std::string call = "    ctx.create_index_concurrently({\n";
    for (const auto& [name, value] : members)
        call += fmt::format("        .{} = {},\n", name, value);
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
    if (back)
        text += fmt::format("\nvoid rollback(dibs::MigrationContext& ctx) {{\n{}}}\n", body(*back));
    return text;
}

} // namespace dibs::schema
