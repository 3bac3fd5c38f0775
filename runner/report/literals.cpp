#include "report/literals.hpp"

#include "report/secrets.hpp"

#include <algorithm>

namespace dibs::report {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr auto npos = std::string_view::npos;
constexpr std::size_t longest_prefix = 8; // "password"

enum class Reach { line, text };
enum class Backslash { escapes, is_text };

// The quote that closes a literal whose content begins at `begin`, or npos.
std::size_t closing_quote(std::string_view text, std::size_t begin, Reach reach, Backslash backslash) {
    for (std::size_t i = begin; i < text.size(); ++i) {
        if (text[i] == '\n' && reach == Reach::line) {
            return npos;
        }
        if ((text[i] == '\\' && backslash == Backslash::escapes) || text.substr(i, 2) == "''") {
            ++i;
        } else if (text[i] == '\'') {
            return i;
        }
    }
    return npos;
}

// What follows a closing quote is more SQL; what follows an opening one is the secret.
bool sql_goes_on(std::string_view text, std::size_t at) {
    return at >= text.size() || std::string_view(" \t\r\n,;)|:]\".").find(text[at]) != npos;
}

std::size_t later_of(std::size_t a, std::size_t b) {
    return a == npos ? b : b == npos ? a : std::max(a, b);
}

std::size_t quoted_end(std::string_view text, std::size_t begin, bool is_escape_string, Dialect dialect) {
    std::size_t close = closing_quote(text, begin, Reach::line, Backslash::escapes);
    if (!is_escape_string) {
        const std::size_t standard = closing_quote(text, begin, Reach::line, Backslash::is_text);
        const bool is_sure = dialect == Dialect::sql && standard != npos && sql_goes_on(text, standard + 1);
        close = is_sure ? standard : later_of(close, standard);
    }
    if (close != npos) {
        return close;
    }
    const std::size_t end = line_end(text, begin);
    if (text.substr(begin, end - begin).ends_with("...")) {
        return end - 3; // PostgreSQL's "LINE 1:" cuts a long line so
    }
    const std::size_t later = closing_quote(text, begin, Reach::text, Backslash::escapes);
    return later != npos ? later : end;
}

struct Character {
    char value;
    std::size_t length;
};

// A character of a text in '...' or, where `escapes`, in E'...'; a quote of length 1 ends that text.
Character character_in_literal(std::string_view text, std::size_t at, bool escapes) {
    if (text.substr(at, 2) == "''") {
        return {'\'', 2};
    }
    return escapes && text[at] == '\\' && at + 1 < text.size() ? Character{text[at + 1], 2}
                                                               : Character{text[at], 1};
}

// Where a literal within a literal ends: at a quote that is neither doubled, as SQL escapes it, nor behind a
// backslash, as libpq does.
std::size_t nested_end(std::string_view text, std::size_t begin, bool escapes) {
    for (std::size_t i = begin; i < text.size();) {
        const Character c = character_in_literal(text, i, escapes);
        const std::size_t after = i + c.length;
        if (text[i] == '\n' || (c.value == '\'' && c.length == 1)) {
            return i;
        }
        const Character next =
            after < text.size() ? character_in_literal(text, after, escapes) : Character{' ', 0};
        const bool next_is_quote = next.value == '\'' && next.length == 2;
        if (c.value == '\'' && !next_is_quote) {
            return i;
        }
        i = after;
        if (next_is_quote && (c.value == '\'' || c.value == '\\')) {
            i += next.length;
            // \'' may be a backslash and SQL's doubled quote: the longer reading.
            const bool doubled = c.value == '\\' && i < text.size() &&
                                 text.substr(i, next.length) == text.substr(after, next.length);
            i += doubled ? next.length : 0;
        }
    }
    return text.size();
}

// $$ or $tag$ at `at`; empty where there is none, as for the parameter $1.
std::string_view dollar_tag(std::string_view text, std::size_t at) {
    std::size_t end = at + 1;
    while (end < text.size() && is_word(text[end])) {
        ++end;
    }
    const bool is_parameter = end > at + 1 && text[at + 1] >= '0' && text[at + 1] <= '9';
    return is_parameter || text.substr(end, 1) != "$" ? std::string_view() : text.substr(at, end + 1 - at);
}

std::optional<Span> dollar_quoted_at(std::string_view text, std::size_t at, const Quotes& quotes) {
    const std::string_view tag = dollar_tag(text, at);
    const std::size_t begin = at + tag.size();
    if (tag.empty() || (quotes.closes_body(at) && sql_goes_on(text, begin))) {
        return std::nullopt;
    }
    const std::size_t close = text.find(tag, begin);
    return Span{begin, close != npos ? close : line_end(text, at)};
}

} // namespace

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string folded(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

std::size_t next_blank(std::string_view text, std::size_t at) {
    return std::min(text.find_first_of(blanks, at), text.size());
}

std::size_t skip_blanks(std::string_view text, std::size_t at) {
    return std::min(text.find_first_not_of(blanks, at), text.size());
}

std::size_t line_end(std::string_view text, std::size_t at) {
    return std::min(text.find('\n', at), text.size());
}

Quotes::Quotes(std::string_view text) : text_(text) {
    int unclosed = 100; // each costs a search to the end of the text
    for (std::size_t i = text.find('$'); i != npos && unclosed > 0;) {
        const std::string_view tag = dollar_tag(text, i);
        const std::size_t close = tag.empty() ? npos : text.find(tag, i + tag.size());
        if (close != npos) {
            body_ends_.push_back(close);
        } else if (!tag.empty()) {
            --unclosed;
        }
        i = text.find('$', close != npos ? close + tag.size() : i + 1);
    }
}

void Quotes::advance_to(std::size_t place) {
    for (; at_ < place; ++at_) {
        const char c = text_[at_];
        if (c == '\n') {
            single_ = double_ = backtick_ = false;
        } else if (c == '"') {
            double_ = !double_;
        } else if (c == '`') {
            backtick_ = !backtick_;
        } else if (c == '\'' && single_) {
            if (at_ + 1 < place && text_[at_ + 1] == '\'') {
                ++at_;
            } else {
                single_ = false;
            }
        } else if (c == '\'') {
            // E'...', N'...' and PASSWORD'...' open a literal; a quote after any other word is an apostrophe.
            std::size_t word = at_;
            while (word > 0 && at_ - word <= longest_prefix && is_word(text_[word - 1])) {
                --word;
            }
            const std::string before = folded(text_.substr(word, at_ - word));
            single_ = before.empty() || before == "e" || before == "n" || before == "b" || before == "x" ||
                      before == "password";
        }
    }
}

bool Quotes::closes_body(std::size_t place) const {
    return std::binary_search(body_ends_.begin(), body_ends_.end(), place);
}

std::optional<Span> literal_at(std::string_view text, std::size_t at, const Quotes& quotes, Dialect dialect) {
    const std::string_view rest = text.substr(at);
    if (quotes.in_single() && (rest.starts_with("''") || rest.starts_with("\\'"))) {
        return Span{at + 2, nested_end(text, at + 2, rest.front() == '\\')};
    }
    if (rest.starts_with('$')) {
        return dollar_quoted_at(text, at, quotes);
    }
    for (const std::string_view prefix : {"", "E", "e", "N", "n", "U&", "u&"}) {
        const std::size_t quote = at + prefix.size();
        if (rest.starts_with(prefix) && text.substr(quote, 1) == "'") {
            if (quotes.in_single() && sql_goes_on(text, quote + 1)) {
                return std::nullopt;
            }
            const bool is_escape_string = prefix == "E" || prefix == "e";
            return Span{quote + 1, quoted_end(text, quote + 1, is_escape_string, dialect)};
        }
    }
    return std::nullopt;
}

} // namespace dibs::report
