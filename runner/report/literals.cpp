#include "report/literals.hpp"

#include "report/secrets.hpp"

#include <algorithm>

namespace dibs::report {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr auto npos = std::string_view::npos;

// The quote that closes a literal whose content begins at `begin`, before `limit`.
std::size_t closing_quote(std::string_view text, std::size_t begin, std::size_t limit,
                          bool backslash_escapes) {
    for (std::size_t i = begin; i < limit; ++i) {
        if (backslash_escapes && text[i] == '\\') {
            ++i;
        } else if (text.substr(i, 2) == "''") {
            ++i;
        } else if (text[i] == '\'') {
            return i;
        }
    }
    return npos;
}

// Whether the backslash escapes depends on the dialect: the longer reading is preferred, on one line.
std::size_t quoted_end(std::string_view text, std::size_t begin) {
    const std::size_t end = line_end(text, begin);
    for (const bool backslash_escapes : {true, false}) {
        if (const std::size_t close = closing_quote(text, begin, end, backslash_escapes); close != npos) {
            return close;
        }
    }
    if (text.substr(begin, end - begin).ends_with("...")) {
        return end - 3; // PostgreSQL's "LINE 1:" cuts a long line so
    }
    const std::size_t later = closing_quote(text, begin, text.size(), true);
    return later != npos ? later : end;
}

std::size_t end_before(std::string_view text, std::size_t begin, std::string_view delimiter) {
    return std::min(text.find(delimiter, begin), line_end(text, begin));
}

std::optional<Span> dollar_quoted_at(std::string_view text, std::size_t at) {
    std::size_t tag_end = at + 1;
    while (tag_end < text.size() && is_word(text[tag_end])) {
        ++tag_end;
    }
    const bool is_parameter = tag_end > at + 1 && text[at + 1] >= '0' && text[at + 1] <= '9';
    if (is_parameter || tag_end == text.size() || text[tag_end] != '$') {
        return std::nullopt;
    }
    const std::string_view delimiter = text.substr(at, tag_end + 1 - at);
    std::size_t before = 0;
    for (std::size_t i = text.find(delimiter); i < at; i = text.find(delimiter, i + delimiter.size())) {
        ++before;
    }
    if (before % 2 == 1) {
        return std::nullopt; // it closes a body
    }
    const std::size_t close = text.find(delimiter, tag_end + 1);
    return Span{tag_end + 1, close != npos ? close : line_end(text, at)};
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

bool LineQuotes::open_at(std::size_t place) {
    for (; at_ < place; ++at_) {
        if (text_[at_] == '\n') {
            open_ = false;
        } else if (text_[at_] != '\'') {
            continue;
        } else if (!open_) {
            // E'...', N'...' and PASSWORD'...' open a literal; a quote after any other word is an apostrophe.
            std::size_t word = at_;
            while (word > 0 && is_word(text_[word - 1])) {
                --word;
            }
            const std::string before = folded(text_.substr(word, at_ - word));
            open_ = before.empty() || before == "e" || before == "n" || before == "b" || before == "x" ||
                    before == "password";
        } else if (text_.substr(at_, 2) == "''" && at_ + 1 < place) {
            ++at_;
        } else {
            open_ = false;
        }
    }
    return open_;
}

std::optional<Span> literal_at(std::string_view text, std::size_t at, bool inside_quote) {
    const std::string_view rest = text.substr(at);
    if (inside_quote && (rest.starts_with("''") || rest.starts_with("\\'"))) {
        return Span{at + 2, end_before(text, at + 2, rest.substr(0, 2))};
    }
    if (rest.starts_with('$')) {
        return dollar_quoted_at(text, at);
    }
    for (const std::string_view prefix : {"", "E", "e", "N", "n", "U&", "u&"}) {
        const std::size_t quote = at + prefix.size();
        if (rest.starts_with(prefix) && text.substr(quote, 1) == "'") {
            // What follows a closing quote is more SQL; what follows an opening one is the secret.
            const bool sql_goes_on = quote + 1 >= text.size() ||
                                     std::string_view(" \t\r\n,;)|:]\".").find(text[quote + 1]) != npos;
            if (inside_quote && sql_goes_on) {
                return std::nullopt;
            }
            return Span{quote + 1, quoted_end(text, quote + 1)};
        }
    }
    return std::nullopt;
}

} // namespace dibs::report
