#include "report/secrets.hpp"

#include "report/literals.hpp"
#include "report/suggestion.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace dibs::report {
namespace {

constexpr auto npos = std::string_view::npos;

// What libpq repeats, between the words before and after it, may be any part of a connection string that was
// split in the wrong place.
enum class Kept {
    nothing,
    number,         // a port
    parameter_name, // or what looks like a misspelt one
    after_at,       // the host behind the last '@'
};

struct Message {
    std::string_view before;
    std::string_view after; // to the end of the line where empty
    Kept kept;
};

constexpr std::array<Message, 11> messages{{
    {"missing \"=\" after \"", "\" in connection info string", Kept::nothing},
    {"invalid percent-encoded token: \"", "", Kept::nothing},
    {"in percent-encoded value: \"", "", Kept::nothing},
    {"URI query parameter: \"", "", Kept::parameter_name},
    {"invalid connection option \"", "", Kept::parameter_name},
    {"invalid integer value \"", "\" for connection option", Kept::number},
    {"invalid port number: \"", "", Kept::number},
    {"could not translate host name \"", "\" to address", Kept::after_at},
    {"could not parse network address \"", "\": ", Kept::after_at},
    {"connection to server at \"", "\" (", Kept::after_at},
    {"connection to server at \"", "\", port", Kept::after_at},
}};

bool is_parameter_name(std::string_view text) {
    static const std::array<std::string, 9> often{"host",     "hostaddr", "port",    "dbname", "user",
                                                  "password", "sslmode",  "options", "service"};
    return is_libpq_parameter(text) ||
           (text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == npos && closest(text, often));
}

Span secret_in(std::string_view text, Span quoted, Kept kept) {
    const std::string_view content = text.substr(quoted.begin, quoted.end - quoted.begin);
    switch (kept) {
    case Kept::nothing:
        return quoted;
    case Kept::number:
        return content.find_first_not_of("-0123456789") == npos ? Span{0, 0} : quoted;
    case Kept::parameter_name:
        return is_parameter_name(content) ? Span{0, 0} : quoted;
    case Kept::after_at:
        return content.rfind('@') == npos ? Span{0, 0}
                                          : Span{quoted.begin, quoted.begin + content.rfind('@')};
    }
    return quoted;
}

// Not a number and a name: a database user, "*" or a name; fields may hold "\:".
bool is_passfile_line(std::string_view line, std::size_t& password) {
    std::array<std::string_view, 4> fields;
    std::size_t begin = 0;
    for (std::string_view& field : fields) {
        std::size_t end = begin;
        while (end < line.size() && line[end] != ':') {
            end += line[end] == '\\' ? 2 : 1;
        }
        if (end >= line.size() || end == begin) {
            return false;
        }
        field = line.substr(begin, end - begin);
        if (field.find_first_of(" \t") != npos) {
            return false;
        }
        begin = end + 1;
    }
    const auto is_name = [](std::string_view field) {
        return field == "*" || (is_word(field.front()) && (field.front() < '0' || field.front() > '9'));
    };
    password = begin;
    return (fields[1] == "*" || fields[1].find_first_not_of("0123456789") == npos) && is_name(fields[2]) &&
           is_name(fields[3]) && line.find_first_of(" \t", begin) == npos;
}

} // namespace

void find_in_libpq_messages(std::string_view text, std::vector<Span>& found) {
    for (const Message& message : messages) {
        std::size_t end = 0;
        for (std::size_t i = text.find(message.before); i != npos; i = text.find(message.before, end)) {
            const std::size_t begin = i + message.before.size();
            const std::string_view line = text.substr(begin, line_end(text, begin) - begin);
            const std::size_t length = message.after.empty() ? line.rfind('"') : line.find(message.after);
            end = begin + std::min(length, line.size());
            if (length != npos) {
                found.push_back(secret_in(text, {begin, end}, message.kept));
            }
        }
    }
}

void find_in_passfile(std::string_view text, std::vector<Span>& found) {
    for (std::size_t begin = 0; begin < text.size(); begin = line_end(text, begin) + 1) {
        const std::string_view line = text.substr(begin, line_end(text, begin) - begin);
        std::size_t password = 0;
        if (is_passfile_line(line, password)) {
            found.push_back({begin + password, begin + line.size()});
        }
    }
}

} // namespace dibs::report
