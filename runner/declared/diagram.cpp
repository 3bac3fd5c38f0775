#include "declared/diagram.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dibs::declared {
namespace {

struct Marks {
    bool primary = false;
    bool foreign = false;
    bool unique = false;
};

Marks marks_of(const Table& table, const std::string& column) {
    const auto has = [&](const std::vector<std::string>& columns) {
        return std::find(columns.begin(), columns.end(), column) != columns.end();
    };
    Marks marks;
    marks.primary = table.primary_key && has(table.primary_key->columns);
    for (const ForeignKey& key : table.foreign_keys)
        marks.foreign = marks.foreign || has(key.columns);
    for (const Key& key : table.uniques)
        marks.unique = marks.unique || (key.columns.size() == 1 && has(key.columns));
    return marks;
}

std::string listed(const Marks& marks) {
    std::vector<std::string> words;
    if (marks.primary)
        words.emplace_back("PK");
    if (marks.foreign)
        words.emplace_back("FK");
    if (marks.unique)
        words.emplace_back("UK");
    return fmt::format("{}", fmt::join(words, ", "));
}

bool any_nullable(const Table& table, const ForeignKey& key) {
    return std::any_of(table.columns.begin(), table.columns.end(), [&](const Column& column) {
        return column.nullable &&
               std::find(key.columns.begin(), key.columns.end(), column.name) != key.columns.end();
    });
}

/// Whether at most one row can reference another: its columns are a key.
bool one_to_one(const Table& table, const ForeignKey& key) {
    const auto same = [&](const std::vector<std::string>& columns) {
        return std::set(columns.begin(), columns.end()) == std::set(key.columns.begin(), key.columns.end());
    };
    return (table.primary_key && same(table.primary_key->columns)) ||
           std::any_of(table.uniques.begin(), table.uniques.end(),
                       [&](const Key& unique) { return same(unique.columns); });
}

/// Text in double quotes. Mermaid has no way to write one inside, and takes no % and no \ in an entity's
/// name.
std::string mermaid_text(std::string text) {
    for (char& c : text) {
        if (c == '"')
            c = '\'';
        else if (c == '%' || c == '\\' || static_cast<unsigned char>(c) < ' ')
            c = '_';
    }
    return '"' + text + '"';
}

/// PK, FK and UK are Mermaid's own, in any case, and end where anything but an ASCII letter, digit or _
/// comes.
bool begins_with_a_mark(std::string_view word) {
    if (word.size() < 2 || std::tolower(static_cast<unsigned char>(word[1])) != 'k' ||
        std::string_view("pfu").find(static_cast<char>(std::tolower(static_cast<unsigned char>(word[0])))) ==
            std::string_view::npos)
        return false;
    return word.size() == 2 || (std::isalnum(static_cast<unsigned char>(word[2])) == 0 && word[2] != '_');
}

/// The words of an attribute are letters, digits, - _ ( ) [ ] and whatever is above U+00BF: others become _.
std::string mermaid_word(std::string_view text) {
    std::string word;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c == 0xC2 && i + 1 < text.size()) { // U+0080 to U+00BF
            word += '_';
            ++i;
        } else {
            word += std::isalnum(c) != 0 || c >= 0x80 ||
                            std::string_view("_()[]-").find(text[i]) != std::string_view::npos
                        ? text[i]
                        : '_';
        }
    }
    const unsigned char first = word.empty() ? '_' : static_cast<unsigned char>(word.front());
    const bool is_one = !word.empty() && (std::isalpha(first) != 0 || first == '_' || first >= 0x80);
    return is_one && !begins_with_a_mark(word) ? word : "_" + word;
}

std::string html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '&')
            escaped += "&amp;";
        else if (c == '<')
            escaped += "&lt;";
        else if (c == '>')
            escaped += "&gt;";
        else if (c == '"')
            escaped += "&quot;";
        else
            escaped += c;
    }
    return escaped;
}

std::string dot_name(const Name& name) {
    std::string text = "\"";
    for (const char c : text_of(name)) {
        if (c == '"' || c == '\\')
            text += '\\';
        text += c;
    }
    return text + '"';
}

} // namespace

std::string mermaid(const Schema& schema) {
    std::string text = "erDiagram\n";
    for (const Table& table : schema.tables) {
        text += fmt::format("    {} {{\n", mermaid_text(text_of(table.name)));
        for (const Column& column : table.columns) {
            const std::string marks = listed(marks_of(table, column.name));
            text += fmt::format("        {} {}{}{}{}\n", mermaid_word(column.type), mermaid_word(column.name),
                                marks.empty() ? "" : " ", marks, column.nullable ? " \"nullable\"" : "");
        }
        text += "    }\n";
    }
    for (const Table& table : schema.tables)
        for (const ForeignKey& key : table.foreign_keys)
            text += fmt::format("    {} {}--{} {} : {}\n", mermaid_text(text_of(key.target)),
                                any_nullable(table, key) ? "|o" : "||", one_to_one(table, key) ? "o|" : "o{",
                                mermaid_text(text_of(table.name)),
                                mermaid_text(fmt::format("{}", fmt::join(key.columns, ", "))));
    return text;
}

std::string dot(const Schema& schema) {
    std::string text = "digraph schema {\n"
                       "    graph [rankdir=LR, fontname=\"Helvetica\"];\n"
                       "    node [shape=plain, fontname=\"Helvetica\", fontsize=11];\n"
                       "    edge [fontname=\"Helvetica\", fontsize=9];\n";
    for (const Table& table : schema.tables) {
        text += fmt::format(
            "    {} [label=<<TABLE BORDER=\"0\" CELLBORDER=\"1\" CELLSPACING=\"0\" CELLPADDING=\"4\">"
            "<TR><TD COLSPAN=\"3\" BGCOLOR=\"#dde6f0\"><B>{}</B></TD></TR>",
            dot_name(table.name), html(text_of(table.name)));
        for (const Column& column : table.columns)
            text += fmt::format("<TR><TD ALIGN=\"LEFT\">{}</TD><TD ALIGN=\"LEFT\">{}{}</TD><TD>{}</TD></TR>",
                                html(column.name), html(column.type), column.nullable ? "?" : "",
                                listed(marks_of(table, column.name)));
        text += "</TABLE>>];\n";
    }
    for (const Table& table : schema.tables)
        for (const ForeignKey& key : table.foreign_keys)
            text += fmt::format("    {} -> {} [label=<{}>, arrowhead={}];\n", dot_name(table.name),
                                dot_name(key.target), html(fmt::format("{}", fmt::join(key.columns, ", "))),
                                any_nullable(table, key) ? "teeodot" : "tee");
    return text + "}\n";
}

} // namespace dibs::declared
