#include "report/redactor.hpp"

#include "report/literals.hpp"
#include "report/secrets.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <utility>

namespace dibs::report {
namespace {

constexpr std::size_t short_secret = 4;

std::vector<Span> secrets_in(std::string_view text) {
    std::vector<Span> found;
    find_in_urls(text, found);
    find_in_assignments(text, found);
    find_in_sql(text, found);
    find_in_libpq_messages(text, found);
    find_in_passfile(text, found);
    std::sort(found.begin(), found.end(), [](Span a, Span b) { return a.begin < b.begin; });
    return found;
}

std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        const std::string_view digits = text.substr(i + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (text[i] == '%' && digits.size() == 2 && end == digits.data() + 2) {
            result += static_cast<char>(value);
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

std::string without_backslashes(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        i += text[i] == '\\' && i + 1 < text.size() ? 1 : 0;
        result += text[i];
    }
    return result;
}

bool stands_alone(std::string_view text, std::size_t begin, std::size_t end) {
    return (begin == 0 || !is_word(text[begin - 1])) && (end == text.size() || !is_word(text[end]));
}

std::string without(std::string_view text, const std::string& secret) {
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = std::min(text.find(secret, at), text.size());
        const std::size_t end = std::min(begin + secret.size(), text.size());
        const bool removed = secret.size() >= short_secret || stands_alone(text, begin, end);
        result += text.substr(at, begin - at);
        if (begin < text.size()) {
            result += removed ? redacted : text.substr(begin, end - begin);
        }
        at = end;
    }
    return result;
}

std::string redacted_once(std::string_view text) {
    std::string result;
    std::size_t done = 0;
    for (const Span& secret : secrets_in(text)) {
        if (secret.end <= std::max(done, secret.begin)) {
            continue; // empty, or within the one before
        }
        if (secret.begin > done || done == 0) {
            result += text.substr(done, secret.begin - done);
            result += redacted;
        }
        done = secret.end;
    }
    result += text.substr(done);
    return result;
}

} // namespace

std::string redact(std::string_view text) {
    // What looked like the inside of a literal may not, once the literal is gone: until nothing more is
    // found.
    constexpr int most = 8;
    std::string result(text);
    for (int i = 0; i < most; ++i) {
        std::string next = redacted_once(result);
        if (next == result) {
            break;
        }
        result = std::move(next);
    }
    return result;
}

void Redactor::know(std::string_view secret) {
    // One of asterisks only would be found in what it is replaced by.
    if (secret.find_first_not_of('*') == std::string_view::npos) {
        return;
    }
    secrets_.emplace_back(secret);
    std::sort(secrets_.begin(), secrets_.end(), [](const std::string& a, const std::string& b) {
        return a.size() != b.size() ? a.size() > b.size() : a < b;
    });
    secrets_.erase(std::unique(secrets_.begin(), secrets_.end()), secrets_.end());
}

void Redactor::know_those_in(std::string_view conninfo) {
    const std::string quoted = '"' + std::string(conninfo) + '"'; // it may have blanks in it
    for (const Span& span : secrets_in(quoted)) {
        const std::string_view secret = std::string_view(quoted).substr(span.begin, span.end - span.begin);
        know(secret);
        know(percent_decoded(secret));
        know(without_backslashes(secret));
        // libpq takes an unencoded '@', '/' or '?' for the end of a part of the URL.
        for (std::size_t at = 0; at < secret.size();) {
            const std::size_t end = std::min(secret.find_first_of("@/?#&", at), secret.size());
            if (end - at >= short_secret) {
                know(secret.substr(at, end - at));
            }
            at = end + 1;
        }
    }
}

std::string Redactor::operator()(std::string_view text) const {
    std::string result(text);
    for (const std::string& secret : secrets_) {
        result = without(result, secret);
    }
    return redact(result);
}

} // namespace dibs::report
