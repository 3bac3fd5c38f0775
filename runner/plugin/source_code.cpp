#include "plugin/source_code.hpp"

#include <string>

namespace dibs::plugin {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Of an identifier or a number; bytes beyond ASCII may be letters.
bool is_word(char c) {
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

/// No two tokens become another one when white space beside these goes.
bool stands_alone(char c) {
    return std::string_view("(){}[];,").find(c) != std::string_view::npos;
}

/// A backslash at a line's end joins it with the next, everywhere but in raw strings.
std::string_view joined(std::string_view text) {
    while (text.starts_with("\\\n") || text.starts_with("\\\r\n"))
        text.remove_prefix(text[1] == '\n' ? 2 : 3);
    return text;
}

/// A text with comments as blanks and each stretch of blanks as one at most ("Phases of translation").
class Condensed {
  public:
    explicit Condensed(std::string_view source) : rest_(source) {
        if (rest_.starts_with("\xEF\xBB\xBF"))
            rest_.remove_prefix(3);
        while (!rest_.empty())
            take();
        if (in_directive_)
            text_ += '\n';
    }

    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    char next() {
        rest_ = joined(rest_);
        return rest_.empty() ? '\0' : rest_.front();
    }

    /// The character after the next.
    [[nodiscard]] char second() const {
        const std::string_view after = joined(rest_.substr(1));
        return after.empty() ? '\0' : after.front();
    }

    char drop() {
        const char c = next();
        if (!rest_.empty())
            rest_.remove_prefix(1);
        return c;
    }

    void take() {
        const char c = next();
        if (rest_.empty())
            return;
        if (c == '\n') {
            drop();
            end_line();
        } else if (is_blank(c)) {
            drop();
            blank_ = true;
        } else if (c == '/' && second() == '/') {
            while (!rest_.empty() && next() != '\n')
                drop();
            blank_ = true;
        } else if (c == '/' && second() == '*') {
            take_comment();
        } else {
            take_token(c);
        }
    }

    void end_line() {
        if (in_directive_)
            text_ += '\n';
        in_directive_ = false;
        blank_ = true;
        line_begins_ = true;
    }

    void take_comment() {
        drop();
        drop();
        char before = '\0';
        while (!rest_.empty()) {
            const char c = drop();
            if (before == '*' && c == '/')
                break;
            before = c;
        }
        blank_ = true;
    }

    void take_token(char c) {
        if (c == '#' && line_begins_) {
            if (!text_.empty() && text_.back() != '\n')
                text_ += '\n'; // a directive begins and ends with its line
            in_directive_ = true;
        }
        line_begins_ = false;
        separate(c);
        if (c == '"' || c == '\'') {
            take_literal(c);
        } else if (is_digit(c) || (c == '.' && is_digit(second()))) {
            take_number();
        } else if (is_word(c)) {
            take_word();
        } else {
            text_ += drop();
        }
    }

    /// The blank before a token that begins with `c`, where there is one that counts.
    void separate(char c) {
        const char before = text_.empty() ? '\n' : text_.back();
        // `#define F (x)` is not `#define F(x)`.
        if (blank_ && before != '\n' && (in_directive_ || !(stands_alone(c) || stands_alone(before))))
            text_ += ' ';
        blank_ = false;
    }

    void take_word() {
        const std::size_t begin = text_.size();
        while (!rest_.empty() && is_word(next()))
            text_ += drop();
        const std::string_view word = std::string_view(text_).substr(begin);
        if (next() == '"' && (word == "R" || word == "u8R" || word == "uR" || word == "UR" || word == "LR"))
            take_raw_string();
    }

    /// As the preprocessor has it: 1'000, 0x1p-3, 1.5e+7.
    void take_number() {
        char before = '\0';
        for (;;) {
            const char c = next();
            const bool exponent =
                (c == '+' || c == '-') && std::string_view("eEpP").find(before) != std::string_view::npos;
            const bool part =
                is_word(c) || c == '.' || exponent || (c == '\'' && !rest_.empty() && is_word(second()));
            if (rest_.empty() || !part)
                return;
            text_ += before = drop();
        }
    }

    /// One that is not closed ends with its line.
    void take_literal(char quote) {
        text_ += drop();
        while (!rest_.empty() && next() != '\n') {
            const char c = drop();
            text_ += c;
            if (c == quote)
                return;
            if (c == '\\' && !rest_.empty())
                text_ += drop();
        }
    }

    void take_raw_string() {
        const std::size_t opening = rest_.find('(');
        const std::string end =
            ")" + std::string(rest_.substr(1, opening == std::string_view::npos ? 0 : opening - 1)) + "\"";
        const std::size_t at = rest_.find(end, opening);
        const std::size_t size = at == std::string_view::npos ? rest_.size() : at + end.size();
        for (std::size_t i = 0; i < size; ++i) // the checksum takes line ends of both kinds for one
            if (rest_[i] != '\r' || i + 1 == size || rest_[i + 1] != '\n')
                text_ += rest_[i];
        rest_.remove_prefix(size);
    }

    std::string_view rest_;
    std::string text_;
    bool blank_ = false;      ///< since the last token
    bool line_begins_ = true; ///< no token yet in this line
    bool in_directive_ = false;
};

} // namespace

bool same_code(std::string_view a, std::string_view b) {
    return Condensed(a).text() == Condensed(b).text();
}

} // namespace dibs::plugin
