#include "migration/transaction_end.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "migration/query_words.hpp"

namespace dibs::migration {
namespace {

bool begins_word(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_in_word(char c) {
    return begins_word(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

/// The words that a statement begins with, and how deep it is in brackets and in the body of a function.
class Statement {
  public:
    void add(std::string_view word, std::size_t at) {
        if (count_ == 0)
            begin_ = at;
        if (count_ < words_.size())
            std::transform(word.begin(), word.end(), std::back_inserter(words_.at(count_++)),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        if (makes_function())
            follow_body(word);
    }

    void bracket(int change) { brackets_ = std::max(brackets_ + change, 0); }

    [[nodiscard]] bool is_whole() const { return brackets_ == 0 && body_ == 0; }

    [[nodiscard]] std::optional<std::size_t> ends_transaction() const {
        const auto& [first, second, third, fourth] = words_;
        const bool ends = first == "PREPARE"    ? second == "TRANSACTION"
                          : first == "ROLLBACK" ? second != "PREPARED" && second != "TO" && third != "TO"
                                                : (first == "COMMIT" && second != "PREPARED") ||
                                                      first == "END" || first == "ABORT";
        return ends ? std::optional(begin_) : std::nullopt;
    }

  private:
    [[nodiscard]] bool makes_function() const {
        const auto& [first, second, third, fourth] = words_;
        const std::string& what = second == "OR" ? fourth : second;
        return first == "CREATE" && (what == "FUNCTION" || what == "PROCEDURE");
    }

    /// BEGIN ATOMIC ... END, in which CASE has an END as well.
    void follow_body(std::string_view word) {
        const auto is = [&](std::string_view keyword) {
            return std::equal(
                word.begin(), word.end(), keyword.begin(), keyword.end(),
                [](char c, char letter) { return std::toupper(static_cast<unsigned char>(c)) == letter; });
        };
        if (is("BEGIN") || (body_ > 0 && is("CASE")))
            ++body_;
        else if (body_ > 0 && is("END"))
            --body_;
    }

    std::array<std::string, 4> words_;
    std::size_t count_ = 0;
    std::size_t begin_ = 0;
    int brackets_ = 0;
    int body_ = 0;
};

/// Behind the quote that closes what is open before `at`; doubled, it does not.
std::size_t behind_quote(std::string_view sql, std::size_t at, char quote, bool escapes) {
    for (; at < sql.size(); ++at) {
        if (escapes && sql[at] == '\\')
            ++at;
        else if (sql[at] == quote && sql.substr(at + 1, 1) == std::string_view(&quote, 1))
            ++at;
        else if (sql[at] == quote)
            return at + 1;
    }
    return sql.size();
}

/// Behind $tag$...$tag$, or behind the dollar sign where it begins none.
std::size_t behind_dollar_quotes(std::string_view sql, std::size_t at) {
    std::size_t end = at + 1;
    while (end < sql.size() && sql[end] != '$' && is_in_word(sql[end]))
        ++end;
    const bool is_parameter = end > at + 1 && !begins_word(sql[at + 1]);
    if (is_parameter || end >= sql.size() || sql[end] != '$')
        return at + 1;
    const std::string_view tag = sql.substr(at, end + 1 - at);
    const std::size_t close = sql.find(tag, end + 1);
    return close == std::string_view::npos ? sql.size() : close + tag.size();
}

} // namespace

std::optional<std::size_t> transaction_end(std::string_view sql, bool escapes) {
    Statement statement;
    for (std::size_t at = 0; at < sql.size();) {
        const char c = sql[at];
        const std::string_view two = sql.substr(at, 2);
        if (two == "--") {
            at = std::min(sql.find_first_of("\r\n", at), sql.size());
        } else if (two == "/*") {
            at += end_of_comment(sql.substr(at));
        } else if (two == "e'" || two == "E'") {
            at = behind_quote(sql, at + 2, '\'', true);
        } else if (c == '\'') {
            at = behind_quote(sql, at + 1, c, escapes);
        } else if (c == '"') {
            at = behind_quote(sql, at + 1, c, false);
        } else if (c == '$') {
            at = behind_dollar_quotes(sql, at);
        } else if (is_in_word(c)) {
            const std::size_t begin = at;
            while (at < sql.size() && is_in_word(sql[at]))
                ++at;
            if (begins_word(c))
                statement.add(sql.substr(begin, at - begin), begin);
        } else if (c == ';' && statement.is_whole()) {
            if (const std::optional<std::size_t> found = statement.ends_transaction())
                return found;
            statement = Statement();
            ++at;
        } else {
            statement.bracket(c == '(' ? 1 : c == ')' ? -1 : 0);
            ++at;
        }
    }
    return statement.ends_transaction();
}

} // namespace dibs::migration
