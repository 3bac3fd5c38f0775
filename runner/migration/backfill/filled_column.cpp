#include "migration/backfill/filled_column.hpp"

#include <algorithm>

#include "migration/hints.hpp"

namespace dibs::migration {
namespace {

// Of ASCII alone: what else there is, is left to PostgreSQL.
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool begins_name(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || c == '_';
}

/// Reads SQL from its front.
class Reader {
  public:
    explicit Reader(std::string_view text) : left_(text) { pass_spaces(); }

    [[nodiscard]] bool at_end() const { return left_.empty(); }
    /// Empty: there is no plain name.
    std::string name() {
        if (at_end() || !begins_name(left_.front()))
            return {};
        return folded(take([](char c) { return begins_name(c) || is_digit(c); }));
    }
    bool sign(char wanted) {
        if (at_end() || left_.front() != wanted)
            return false;
        left_.remove_prefix(1);
        pass_spaces();
        return true;
    }
    /// A text in quotes, without backslashes, or a number of digits.
    bool literal() {
        if (at_end())
            return false;
        if (is_digit(left_.front())) {
            take(is_digit);
            return true;
        }
        if (left_.front() != '\'')
            return false;
        for (std::size_t at = 1; at < left_.size(); ++at) {
            if (left_[at] == '\\')
                return false;
            if (left_[at] != '\'')
                continue;
            if (at + 1 < left_.size() && left_[at + 1] == '\'') {
                ++at;
                continue;
            }
            left_.remove_prefix(at + 1);
            pass_spaces();
            return true;
        }
        return false;
    }

  private:
    static std::string folded(std::string_view name) {
        std::string text(name);
        std::transform(text.begin(), text.end(), text.begin(), lower);
        return text;
    }
    std::string_view take(bool (*belongs)(char)) {
        const auto* const end = std::find_if_not(left_.begin(), left_.end(), belongs);
        const std::string_view taken = left_.substr(0, static_cast<std::size_t>(end - left_.begin()));
        left_.remove_prefix(taken.size());
        pass_spaces();
        return taken;
    }
    void pass_spaces() {
        left_.remove_prefix(
            static_cast<std::size_t>(std::find_if_not(left_.begin(), left_.end(), is_space) - left_.begin()));
    }

    std::string_view left_;
};

} // namespace

std::optional<std::string> filled_column(std::string_view set, std::string_view where) {
    Reader assigned(set);
    const std::string column = assigned.name();
    if (column.empty() || !assigned.sign('=') || !assigned.literal() || !assigned.at_end())
        return std::nullopt;
    Reader asked(where);
    if (asked.name() != column || asked.name() != "is" || asked.name() != "null" || !asked.at_end())
        return std::nullopt;
    return column;
}

bool keeps_what_is_set(database::Connection& connection, const BackfillTable& table,
                       const std::string& column, const worker::Call& where) {
    const database::Statement question{
        "SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid "
        "OPERATOR(pg_catalog.=) "
        "c.oid JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid WHERE c.oid "
        "OPERATOR(pg_catalog.=) $1::pg_catalog.oid AND a.attname OPERATOR(pg_catalog.=) $2 AND t.typtype "
        "OPERATOR(pg_catalog.=) ANY ('{b,e}'::pg_catalog.\"char\"[]) AND c.relkind OPERATOR(pg_catalog.=) "
        "'r' AND "
        "NOT c.relhassubclass AND NOT c.relhasrules AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g "
        "WHERE "
        "g.tgrelid OPERATOR(pg_catalog.=) c.oid AND NOT g.tgisinternal)",
        {table.oid, column}};
    const database::Outcome outcome = connection.pipeline({&question, 1});
    if (outcome.error)
        throw worker::CallError(failure_of(*outcome.error, where));
    return outcome.results.front().rows() > 0;
}

} // namespace dibs::migration
