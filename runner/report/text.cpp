#include "report/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace dibs::report {
namespace {

constexpr std::size_t widest = 110; ///< characters of a line of SQL
constexpr std::size_t lines_around = 2;

bool starts_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// Bytes of the first `count` characters.
std::size_t bytes_of(std::string_view utf8, std::size_t count) {
    std::size_t at = 0;
    while (at < utf8.size() && (count > 0 || !starts_character(utf8[at]))) {
        if (starts_character(utf8[at]))
            --count;
        ++at;
        while (at < utf8.size() && !starts_character(utf8[at]))
            ++at;
    }
    return at;
}

/// The size of the well-formed character that the text begins with, 0 where there is none (RFC 3629: no
/// overlong forms, no surrogates, nothing above U+10FFFF).
std::size_t character_size(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80)
        return 1;
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size ||
        std::any_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(size), starts_character))
        return 0;
    const auto second = static_cast<unsigned char>(text[1]);
    const bool malformed = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                           (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    return malformed ? 0 : size;
}

/// Whether a terminal would obey this well-formed character, or nobody can read it.
bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character.front());
    return first < ' ' || first == 0x7F ||
           (first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0); // U+0080 to U+009F
}

/// As many characters as before, each in one column.
std::string one_column_each(std::string_view line) {
    std::string text;
    while (!line.empty()) {
        const std::size_t size = character_size(line);
        const std::string_view character = line.substr(0, std::max<std::size_t>(size, 1));
        if (size == 0 && starts_character(line.front()))
            text += '?'; // the rest of a malformed character is no character of its own
        else if (size > 0)
            text += is_control(character) ? std::string_view(" ") : character;
        line.remove_prefix(character.size());
    }
    return text;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (true) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        lines.push_back(one_column_each(line));
        if (end == std::string_view::npos)
            return lines;
        text.remove_prefix(end + 1);
    }
}

std::string cut(std::string_view line, std::size_t from) {
    const std::size_t start = bytes_of(line, from);
    const std::string_view rest = line.substr(start);
    const std::size_t size = bytes_of(rest, widest);
    return (from > 0 ? "..." : "") + std::string(rest.substr(0, size)) + (size < rest.size() ? "..." : "");
}

/// Printable width: escape sequences of colours are not seen.
std::size_t width(std::string_view cell) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        if (cell[i] == '\x1b')
            i = std::min(cell.size(), cell.find('m', i));
        else if (starts_character(cell[i]))
            ++count;
    }
    return count;
}

} // namespace

std::size_t characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), starts_character));
}

std::vector<std::string> excerpt(std::string_view sql, std::size_t position) {
    const std::vector<std::string> lines = lines_of(sql);
    std::size_t row = 0;
    std::size_t column = 0;
    if (position > 0) {
        const std::string_view before = sql.substr(0, bytes_of(sql, position - 1));
        row = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
        column = characters(before.substr(before.find_last_of('\n') + 1));
    }
    const std::size_t first = row > lines_around ? row - lines_around : 0;
    const std::size_t last = std::min(lines.size(), row + lines_around + 1);
    const std::size_t from = column > widest - 20 ? column - widest / 2 : 0;
    std::vector<std::string> shown;
    if (first > 0)
        shown.emplace_back("    ...");
    for (std::size_t i = first; i < last; ++i) {
        shown.push_back("    " + cut(lines[i], i == row ? from : 0));
        if (i == row && position > 0)
            shown.push_back(std::string(4 + column - from + (from > 0 ? 3 : 0), ' ') + "^");
    }
    if (last < lines.size())
        shown.emplace_back("    ...");
    return shown;
}

std::string duration(std::chrono::microseconds time) {
    const auto count = time.count();
    if (count < 1'000)
        return fmt::format("{} us", count);
    if (count < 1'000'000)
        return fmt::format("{} ms", (count + 500) / 1'000);
    if (count < 60'000'000)
        return fmt::format("{:.1f} s", static_cast<double>(count) / 1e6);
    return fmt::format("{} min {} s", count / 60'000'000, count / 1'000'000 % 60);
}

std::string took(const std::optional<std::int64_t>& milliseconds) {
    if (!milliseconds)
        return {};
    return *milliseconds == 0 ? "< 1 ms" : duration(std::chrono::milliseconds(*milliseconds));
}

std::string moment(std::string_view iso) {
    std::string text(iso);
    std::replace(text.begin(), text.end(), 'T', ' ');
    if (text.ends_with('Z'))
        text.pop_back();
    return text;
}

std::vector<std::string> aligned(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    std::vector<std::string> lines;
    for (const auto& row : rows) {
        std::string& line = lines.emplace_back();
        for (std::size_t i = 0; i < row.size(); ++i)
            line += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
    }
    return lines;
}

std::string shortened(std::string_view text, std::size_t width) {
    if (characters(text) <= width)
        return std::string(text);
    const std::size_t dots = std::min<std::size_t>(width, 3);
    return std::string(text.substr(0, bytes_of(text, width - dots))) + std::string(dots, '.');
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    for (;;) {
        const std::size_t end = text.find('\n');
        std::string_view rest = text.substr(0, end);
        while (characters(rest) > width) {
            const std::size_t fits = bytes_of(rest, width);
            std::size_t space = rest.rfind(' ', fits);
            if (space == std::string_view::npos)
                space = rest.find(' ');
            if (space == std::string_view::npos)
                break;
            lines.emplace_back(rest.substr(0, space));
            rest.remove_prefix(space + 1);
        }
        lines.emplace_back(rest);
        if (end == std::string_view::npos)
            return lines;
        text.remove_prefix(end + 1);
    }
}

std::string harmless(std::string_view utf8) {
    std::string text;
    text.reserve(utf8.size());
    while (!utf8.empty()) {
        const std::size_t size = character_size(utf8);
        const std::string_view character = utf8.substr(0, std::max<std::size_t>(size, 1));
        const bool plain = character == "\n" || character == "\t";
        if (size == 0 || (!plain && is_control(character) && !utf8.starts_with("\r\n")))
            text += fmt::format("\\x{:02x}", static_cast<unsigned char>(character.back()));
        else if (character != "\r")
            text += character;
        utf8.remove_prefix(character.size());
    }
    return text;
}

std::optional<std::size_t> first_not_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t size = character_size(text.substr(i));
        if (size == 0)
            return i;
        i += size;
    }
    return std::nullopt;
}

std::string counted(std::size_t number, std::string_view thing) {
    return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

} // namespace dibs::report
