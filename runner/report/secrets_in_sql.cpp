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
            constexpr std::size_t longest = 1024;
            const std::size_t close = rest.substr(0, longest).find("*/", 2);
            if (close == std::string_view::npos) {
                return at;
            }
            at += close + 2;
        } else {
            return at;
        }
    }
}

// Adds the literal, and those that only a line break separates from it: the standard joins them. Returns
// where the last one ends.
std::size_t add_literals(std::string_view text, Span literal, const Quotes& quotes,
                         std::vector<Span>& found) {
    for (;;) {
        found.push_back(literal);
        const std::size_t next = skip_blanks(text, literal.end + 1);
        if (text.substr(literal.end, 1) != "'" || text.substr(next, 1) != "'" ||
            text.substr(literal.end, next - literal.end).find('\n') == std::string_view::npos) {
            return literal.end;
        }
        const std::optional<Span> more = literal_at(text, next, quotes, Dialect::sql);
        if (!more) {
            return literal.end;
        }
        literal = *more;
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
    if (lower.find(keyword) == std::string::npos) {
        return;
    }
    Quotes quotes(text);
    std::size_t end = 0;
    for (std::size_t i = lower.find(keyword); i != std::string::npos; i = lower.find(keyword, end)) {
        end = i + keyword.size();
        if ((i > 0 && is_word(text[i - 1])) || (end < text.size() && is_word(text[end]))) {
            continue;
        }
        quotes.advance_to(i);
        const bool in_double_quotes = i > 0 && text[i - 1] == '"' && text.substr(end, 1) == "\"";
        const std::size_t value = skip_space(text, end + (in_double_quotes ? 1 : 0));
        if (const std::optional<Span> literal = literal_at(text, value, quotes, Dialect::sql)) {
            end = std::max(end, add_literals(text, *literal, quotes, found));
        } else if (text.substr(value, 1) == "\"" && value > end && in_role_statement(text, i)) {
            const std::size_t close = text.find_first_of("\"\n", value + 1);
            found.push_back({value + 1, std::min(close, text.size())});
        }
    }
}

} // namespace dibs::report
