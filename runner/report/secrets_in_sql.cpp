#include "report/secrets.hpp"

#include "report/literals.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace dibs::report {
namespace {

constexpr std::string_view keyword = "password";

// Past blanks and comments, which may stand between the keyword and the literal.
std::size_t skip_space(std::string_view text, std::size_t at) {
    for (;;) {
        at = skip_blanks(text, at);
        const std::string_view rest = text.substr(at);
        if (rest.starts_with("--")) {
            at = line_end(text, at);
        } else if (rest.starts_with("/*")) {
            const std::size_t close = text.find("*/", at + 2);
            at = close == std::string_view::npos ? text.size() : close + 2;
        } else {
            return at;
        }
    }
}

// The standard joins literals that only a line break separates.
void add_continued(std::string_view text, Span literal, std::vector<Span>& found) {
    found.push_back(literal);
    const std::size_t next = skip_blanks(text, literal.end + 1);
    if (text.substr(literal.end, 1) == "'" && text.substr(next, 1) == "'" &&
        text.substr(literal.end, next - literal.end).find('\n') != std::string_view::npos) {
        if (const std::optional<Span> more = literal_at(text, next, false)) {
            add_continued(text, *more, found);
        }
    }
}

// ALTER ROLE name PASSWORD "secret" is an error, and PostgreSQL repeats the line in it.
bool in_role_statement(std::string_view text, std::size_t place) {
    constexpr std::size_t farthest = 256;
    const std::size_t from = place > farthest ? place - farthest : 0;
    std::string before = folded(text.substr(from, place - from));
    before.erase(0, before.rfind(';') + 1);
    return before.find("role ") != std::string::npos || before.find("user ") != std::string::npos;
}

} // namespace

void find_in_sql(std::string_view text, std::vector<Span>& found) {
    const std::string lower = folded(text);
    LineQuotes quotes(text);
    for (std::size_t i = lower.find(keyword); i != std::string::npos; i = lower.find(keyword, i + 1)) {
        const std::size_t end = i + keyword.size();
        if ((i > 0 && is_word(text[i - 1])) || (end < text.size() && is_word(text[end]))) {
            continue;
        }
        const bool in_double_quotes = i > 0 && text[i - 1] == '"' && text.substr(end, 1) == "\"";
        const std::size_t value = skip_space(text, end + (in_double_quotes ? 1 : 0));
        if (const std::optional<Span> literal = literal_at(text, value, quotes.open_at(i))) {
            add_continued(text, *literal, found);
        } else if (text.substr(value, 1) == "\"" && value > end && in_role_statement(text, i)) {
            found.push_back({value + 1, std::min(text.find('"', value + 1), line_end(text, value))});
        }
    }
}

} // namespace dibs::report
