#include "report/secrets.hpp"

#include "report/literals.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace dibs::report {
namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::string_view closes = " \t\r\n,;:.)]}>\"'`\\"; // behind a quote

bool is_scheme_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.';
}

std::size_t scheme_begin(std::string_view text, std::size_t colon) {
    std::size_t begin = colon;
    while (begin > 0 && is_scheme_character(text[begin - 1])) {
        --begin;
    }
    return begin;
}

// A URL in quotes ends with them, if what follows says that they close; others end at a blank. libpq takes
// blanks and quotes in a password as they are.
std::size_t url_end(std::string_view text, std::size_t scheme, std::size_t authority) {
    const std::string_view front = text.substr(0, scheme);
    if (front.ends_with("in URI: \"") || front.ends_with("(expected \":\" or \"/\"): \"")) {
        const std::string_view line = text.substr(authority, line_end(text, authority) - authority);
        return authority + std::min(line.rfind('"'), line.size()); // libpq's message ends with the URL
    }
    const char before = scheme > 0 ? text[scheme - 1] : ' ';
    if (before == '"' || before == '\'' || before == '`') {
        for (std::size_t i = authority; i < text.size() && text[i] != '\n'; ++i) {
            if (text[i] == before && (i + 1 == text.size() || closes.find(text[i + 1]) != npos)) {
                return i;
            }
        }
    }
    return next_blank(text, authority);
}

// Where the query of a PostgreSQL URL begins: at the first '?' that a connection parameter follows. Any other
// may be a part of the password.
std::size_t query_begin(std::string_view url) {
    for (std::size_t mark = url.find('?'); mark != npos; mark = url.find('?', mark + 1)) {
        constexpr std::size_t longest_parameter = 32;
        const std::string_view rest = url.substr(mark + 1, longest_parameter);
        if (rest.find('=') != npos && is_libpq_parameter(rest.substr(0, rest.find('=')))) {
            return mark;
        }
    }
    return url.size();
}

// host:port, host:port,host:port, or [address]:port, with the path or query after it
bool is_port(std::string_view after_colon) {
    const std::size_t digits = std::min(after_colon.find_first_not_of("0123456789"), after_colon.size());
    const std::string_view rest = after_colon.substr(digits);
    return digits <= 5 && (rest.empty() || std::string_view("/?#,\"'`)>;.:").find(rest.front()) != npos);
}

// Offsets within `url`, which begins after ://.
Span password_of_postgres(std::string_view url) {
    const std::string_view before_query = url.substr(0, query_begin(url));
    const std::size_t colon = before_query.find(':');
    const std::size_t at = before_query.rfind('@');
    if (at != npos) {
        return colon < at ? Span{colon + 1, at} : Span{0, 0};
    }
    // No '@': a host and port, or the front part of a URL that was cut off.
    if (colon == npos || before_query.starts_with('[') || is_port(before_query.substr(colon + 1))) {
        return {0, 0};
    }
    return {colon + 1, std::min(before_query.find_first_of("\"'`<>"), before_query.size())};
}

// A password in which a blank ended the URL goes on to the '@' of this line, if there is one.
std::size_t end_behind_blanks(std::string_view from_url, std::size_t end) {
    const std::size_t at = from_url.find_first_of("@\n", end);
    const bool found = at != npos && from_url[at] == '@' && from_url.substr(0, at).find("://") == npos;
    return found ? at : end;
}

// As RFC 3986 has it: user information is in front of the first '/', '?' or '#'.
Span password_of_other(std::string_view url) {
    const std::string_view authority = url.substr(0, url.find_first_of("/?#\"'`<> \t\r\n"));
    const std::size_t colon = authority.find(':');
    const std::size_t at = authority.rfind('@');
    return at != npos && colon < at ? Span{colon + 1, at} : Span{0, 0};
}

std::string key_decoded(std::string_view key) {
    std::string result;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const auto is_hex = [&](std::size_t j) {
            return j < key.size() && std::isxdigit(static_cast<unsigned char>(key[j])) != 0;
        };
        if (key[i] == '%' && is_hex(i + 1) && is_hex(i + 2)) {
            result += static_cast<char>(std::stoi(std::string(key.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            result += key[i];
        }
    }
    return folded(result);
}

// libpq decodes the keys of a query as well, so that p%61ssword is one. `url` begins at `offset`.
void find_in_query(std::string_view url, std::size_t offset, std::vector<Span>& found) {
    for (std::size_t i = url.find('?'); i != npos; i = url.find('&', i + 1)) {
        const std::string_view pair = url.substr(i + 1, url.find('&', i + 1) - i - 1);
        const std::size_t equals = pair.find('=');
        if (equals != npos && pair.substr(0, equals).find('%') != npos &&
            key_decoded(pair.substr(0, equals)).ends_with("password")) {
            found.push_back({offset + i + 1 + equals + 1, offset + i + 1 + pair.size()});
        }
    }
}

// postgres:user:password@host, with the slashes forgotten
void find_without_slashes(std::string_view text, std::vector<Span>& found) {
    const std::string lower = folded(text);
    std::size_t end = 0;
    for (std::size_t i = lower.find("postgres"); i != std::string::npos; i = lower.find("postgres", end)) {
        end = i + 1;
        const std::size_t colon = lower.compare(i, 11, "postgresql:") == 0 ? i + 10 : i + 8;
        if (text.substr(colon, 1) != ":" || text.substr(colon).starts_with("://")) {
            continue;
        }
        end = next_blank(text, colon);
        const std::string_view run = text.substr(colon + 1, end - colon - 1);
        const std::size_t second = run.find(':');
        const std::size_t at = run.rfind('@');
        if (at != npos && second < at) {
            found.push_back({colon + 1 + second + 1, colon + 1 + at});
        }
    }
}

} // namespace

void find_in_urls(std::string_view text, std::vector<Span>& found) {
    std::size_t end = 0;
    for (std::size_t colon = text.find("://"); colon != npos; colon = text.find("://", end)) {
        const std::size_t begin = colon + 3;
        const std::size_t scheme = scheme_begin(text, colon);
        if (folded(text.substr(scheme, colon - scheme)).find("postgres") == std::string::npos) {
            const Span password = password_of_other(text.substr(begin));
            found.push_back({begin + password.begin, begin + password.end});
            end = begin;
            continue;
        }
        end = url_end(text, scheme, begin);
        const std::string_view url = text.substr(begin, end - begin);
        Span password = password_of_postgres(url);
        if (password.end == url.size() && password.begin < password.end) {
            password.end = end_behind_blanks(text.substr(begin), password.end);
            end = begin + password.end;
        }
        found.push_back({begin + password.begin, begin + password.end});
        find_in_query(url, begin, found);
    }
    find_without_slashes(text, found);
}

} // namespace dibs::report
