#include "schema/sql/scan.hpp"

namespace dibs::schema {
namespace {

/// Behind the quoted text that begins at `at`.
std::size_t end_of_quoted(std::string_view sql, std::size_t at) {
    const char quote = sql[at];
    const bool escapes = quote == '\'' && at > 0 && sql[at - 1] == 'E';
    for (++at; at < sql.size(); ++at) {
        if (escapes && sql[at] == '\\')
            ++at;
        else if (sql[at] == quote)
            return at + 1; // of a doubled one, the second begins a quoted text of its own
    }
    return sql.size();
}

/// Calls f with the place of each character outside quotes, until it returns true; that place, or npos.
template <class F>
std::size_t find_if_unquoted(std::string_view sql, std::size_t from, F f) {
    for (std::size_t at = from; at < sql.size();) {
        if (sql[at] == '"' || sql[at] == '\'')
            at = end_of_quoted(sql, at);
        else if (f(at))
            return at;
        else
            ++at;
    }
    return std::string_view::npos;
}

} // namespace

std::size_t find_outside_quotes(std::string_view sql, char wanted, std::size_t from) {
    return find_if_unquoted(sql, from, [&](std::size_t at) { return sql[at] == wanted; });
}

std::size_t closing_parenthesis(std::string_view sql, std::size_t open) {
    int depth = 0;
    return find_if_unquoted(sql, open, [&](std::size_t at) {
        depth += sql[at] == '(' ? 1 : sql[at] == ')' ? -1 : 0;
        return depth == 0;
    });
}

bool bracket_ends(std::string_view sql) {
    int depth = 0;
    return find_if_unquoted(sql, 0, [&](std::size_t at) {
               depth += sql[at] == '[' ? 1 : sql[at] == ']' ? -1 : 0;
               return depth < 0;
           }) != std::string_view::npos;
}

std::vector<std::string> list_elements(std::string_view sql) {
    std::vector<std::string> elements;
    int depth = 0;
    std::size_t begin = 0;
    const auto add = [&](std::size_t end) {
        const std::size_t first = sql.find_first_not_of(" \n", begin);
        if (first != std::string_view::npos && first < end)
            elements.emplace_back(sql.substr(first, end - first));
        begin = end + 1;
    };
    find_if_unquoted(sql, 0, [&](std::size_t at) {
        depth += sql[at] == '(' || sql[at] == '[' ? 1 : sql[at] == ')' || sql[at] == ']' ? -1 : 0;
        if (sql[at] == ',' && depth == 0)
            add(at);
        return false;
    });
    add(sql.size());
    return elements;
}

} // namespace dibs::schema
