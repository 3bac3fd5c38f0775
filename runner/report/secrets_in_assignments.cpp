#include "report/secrets.hpp"

#include "report/literals.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace dibs::report {
namespace {

constexpr auto npos = std::string_view::npos;

// The parameters whose value is a secret: libpq 15's, and those that 18 adds.
constexpr std::array<std::string_view, 6> secret_parameters{
    "password", "sslpassword", "pgpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"};

// libpq 15 (PQconndefaults), and what later ones add.
constexpr std::array<std::string_view, 48> parameters{"service",
                                                      "user",
                                                      "password",
                                                      "passfile",
                                                      "channel_binding",
                                                      "connect_timeout",
                                                      "dbname",
                                                      "host",
                                                      "hostaddr",
                                                      "port",
                                                      "client_encoding",
                                                      "options",
                                                      "application_name",
                                                      "fallback_application_name",
                                                      "keepalives",
                                                      "keepalives_idle",
                                                      "keepalives_interval",
                                                      "keepalives_count",
                                                      "tcp_user_timeout",
                                                      "sslmode",
                                                      "sslnegotiation",
                                                      "sslcompression",
                                                      "sslcert",
                                                      "sslkey",
                                                      "sslcertmode",
                                                      "sslpassword",
                                                      "sslrootcert",
                                                      "sslcrl",
                                                      "sslcrldir",
                                                      "sslsni",
                                                      "requirepeer",
                                                      "require_auth",
                                                      "ssl_min_protocol_version",
                                                      "ssl_max_protocol_version",
                                                      "min_protocol_version",
                                                      "max_protocol_version",
                                                      "gssencmode",
                                                      "krbsrvname",
                                                      "gsslib",
                                                      "gssdelegation",
                                                      "replication",
                                                      "target_session_attrs",
                                                      "load_balance_hosts",
                                                      "oauth_issuer",
                                                      "oauth_client_id",
                                                      "oauth_client_secret",
                                                      "scram_client_key",
                                                      "scram_server_key"};

// DB_PASSWORD=... is a variable of the environment; encrypted_password = ... is a column.
bool is_secret_key(std::string_view key) {
    constexpr std::size_t shortest = 8; // "password"; and all of them end with one of these letters
    if (key.size() < shortest || std::string_view("dtyDTY").find(key.back()) == npos) {
        return false;
    }
    const std::string lower = folded(key);
    return std::find(secret_parameters.begin(), secret_parameters.end(), lower) != secret_parameters.end() ||
           (key.ends_with("PASSWORD") && key.find_first_of("abcdefghijklmnopqrstuvwxyz") == npos);
}

bool begins_literal(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at, 2);
    return rest.starts_with("'") || rest == "E'" || rest == "e'" || rest == "$$" ||
           (rest.size() == 2 && rest[0] == '$' && is_word(rest[1]));
}

struct Assignment {
    std::size_t key;       // its first letter
    std::size_t value;     // what follows the operator and blanks
    bool spaced = false;   // blanks around the operator
    bool is_plain = false; // the operator is '=', not SQL's := or =>
    bool in_url = false;
};

bool looks_like_sql(std::string_view value) {
    const std::string lower = folded(value);
    for (const std::string_view start : {"new.", "old.", "excluded.", "$", ":", "?", "%"}) {
        if (lower.starts_with(start)) {
            return true;
        }
    }
    const std::size_t word_end = std::min(lower.find_first_of(",;)"), lower.size());
    const std::string word = lower.substr(0, word_end);
    if (word == "null" || word == "default") {
        return true;
    }
    std::size_t i = 0; // a call: crypt(...), public.crypt(...)
    while (i < value.size() && (is_word(value[i]) || value[i] == '.')) {
        ++i;
    }
    return i > 0 && i < value.size() && value[i] == '(' && (value[0] < '0' || value[0] > '9');
}

// Whether `key=value` or `key = value` with a connection parameter ends just before `place`, on its line.
bool parameter_ends_before(std::string_view text, std::size_t place) {
    constexpr std::size_t farthest = 256;
    constexpr std::string_view blanks = " \t";
    const std::size_t from = place > farthest ? place - farthest : 0;
    std::string_view before = text.substr(from, place - from);
    before.remove_prefix(before.rfind('\n') + 1);
    const std::string_view trimmed = before.substr(0, before.find_last_not_of(blanks) + 1);
    if (trimmed.size() == before.size() || trimmed.ends_with(',')) {
        return false;
    }
    const std::size_t equals = trimmed.rfind('=');
    if (equals == npos) {
        return false;
    }
    const std::string_view value = trimmed.substr(equals + 1);
    const std::size_t begin = std::min(value.find_first_not_of(blanks), value.size());
    const bool one_value =
        value.find_first_of(blanks, begin) == npos || value.substr(begin).starts_with('\'');
    const std::string_view left =
        trimmed.substr(0, equals).substr(0, trimmed.substr(0, equals).find_last_not_of(blanks) + 1);
    std::size_t key = left.size();
    while (key > 0 && is_word(left[key - 1])) {
        --key;
    }
    return one_value && is_libpq_parameter(left.substr(key));
}

bool parameter_begins_after(std::string_view text, std::size_t place) {
    const std::size_t begin = skip_blanks(text, place);
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end])) {
        ++end;
    }
    return begin > place && text.substr(skip_blanks(text, end), 1) == "=" &&
           is_libpq_parameter(text.substr(begin, end - begin));
}

// The end of an unquoted value: a blank that no backslash escapes, or the end of the quote around it all.
std::size_t plain_end(std::string_view text, const Assignment& assignment, const Quotes& quotes) {
    std::string stops = " \t\r\n";
    stops += quotes.in_single() ? "'" : "";
    stops += quotes.in_double() ? "\"" : "";
    stops += quotes.in_backticks() ? "`" : "";
    stops += assignment.in_url ? "&" : "";
    for (std::size_t i = assignment.value; i < text.size(); ++i) {
        if (text[i] == '\\' && !assignment.in_url) {
            ++i;
        } else if (stops.find(text[i]) != std::string::npos) {
            return i;
        }
    }
    return text.size();
}

std::optional<Span> plain_value(std::string_view text, const Assignment& assignment, const Quotes& quotes) {
    const Span span{assignment.value, plain_end(text, assignment, quotes)};
    const std::string_view value = text.substr(span.begin, span.end - span.begin);
    const bool begins_text =
        assignment.key == 0 || (text[assignment.key - 1] == '"' || text[assignment.key - 1] == '\'');
    const bool in_conninfo = assignment.in_url || begins_text ||
                             parameter_ends_before(text, assignment.key) ||
                             (!value.ends_with(',') && parameter_begins_after(text, span.end));
    const bool is_number = !value.empty() && value.front() >= '0' && value.front() <= '9';
    if (in_conninfo || (!looks_like_sql(value) && (!assignment.spaced || is_number))) {
        return span;
    }
    return std::nullopt;
}

// An '=', or with a quoted value one of the longer operators: `password=>x` is a value that begins with '>'.
std::optional<Assignment> assignment_at(std::string_view text, std::size_t key_begin, std::size_t key_end) {
    const bool in_double_quotes =
        key_begin > 0 && text[key_begin - 1] == '"' && text.substr(key_end, 1) == "\"";
    const std::size_t after_key = key_end + (in_double_quotes ? 1 : 0);
    const std::size_t op = skip_blanks(text, after_key);
    const std::string_view rest = text.substr(op);
    const auto with = [&](std::size_t length, bool is_plain) {
        const std::size_t value = skip_blanks(text, op + length);
        const bool spaced = op > after_key || value > op + length;
        const bool in_url =
            !spaced && key_begin > 0 && (text[key_begin - 1] == '?' || text[key_begin - 1] == '&');
        return Assignment{key_begin, value, spaced, is_plain, in_url};
    };
    if (rest.starts_with(":=") ||
        (rest.starts_with("=>") && begins_literal(text, skip_blanks(text, op + 2)))) {
        return with(2, false);
    }
    if (rest.starts_with('=') && (op == after_key || !rest.starts_with("=="))) {
        return with(1, true);
    }
    const bool is_json = rest.starts_with(':') && in_double_quotes;
    return is_json ? std::optional(with(1, false)) : std::nullopt;
}

std::optional<Span> value_of(std::string_view text, const Assignment& assignment, const Quotes& quotes) {
    if (!assignment.in_url) {
        if (const std::optional<Span> literal = literal_at(text, assignment.value, quotes, Dialect::any)) {
            return literal;
        }
        const bool is_closing = quotes.in_double() && assignment.is_plain;
        if (text.substr(assignment.value, 1) == "\"" && !is_closing) {
            const std::size_t close = std::min(text.find_first_of("\"\n", assignment.value + 1), text.size());
            // To libpq a double quote is a character as any other.
            const bool goes_on = assignment.is_plain && close + 1 < text.size() &&
                                 std::string_view(" \t\r\n,;:.)]}'\"").find(text[close + 1]) == npos;
            return Span{assignment.value + 1, goes_on ? plain_end(text, assignment, quotes) : close};
        }
    }
    return assignment.is_plain ? plain_value(text, assignment, quotes) : std::nullopt;
}

} // namespace

bool is_libpq_parameter(std::string_view name) {
    return std::find(parameters.begin(), parameters.end(), folded(name)) != parameters.end();
}

void find_in_assignments(std::string_view text, std::vector<Span>& found) {
    std::optional<Quotes> quotes; // a text of many words may have no key among them
    for (std::size_t i = 0; i < text.size();) {
        if (!is_word(text[i])) {
            ++i;
            continue;
        }
        const std::size_t begin = i;
        while (i < text.size() && is_word(text[i])) {
            ++i;
        }
        if (!is_secret_key(text.substr(begin, i - begin))) {
            continue;
        }
        const std::optional<Assignment> assignment = assignment_at(text, begin, i);
        if (!assignment) {
            continue;
        }
        if (!quotes) {
            quotes.emplace(text);
        }
        quotes->advance_to(begin);
        if (const std::optional<Span> value = value_of(text, *assignment, *quotes)) {
            found.push_back(*value);
            i = std::max(i, value->end);
        }
    }
}

} // namespace dibs::report
