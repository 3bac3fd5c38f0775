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

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (true) {
        const std::size_t end = text.find('\n');
        std::string line(text.substr(0, end));
        if (line.ends_with('\r'))
            line.pop_back();
        std::replace_if(
            line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
        lines.push_back(std::move(line));
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
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        auto c = static_cast<unsigned char>(utf8[i]);
        const auto next = static_cast<unsigned char>(i + 1 < utf8.size() ? utf8[i + 1] : 0);
        if (c == '\r' && next == '\n')
            continue;
        const bool high_control = c == 0xC2 && next >= 0x80 && next < 0xA0; // U+0080 to U+009F
        if (high_control) {
            c = next;
            ++i;
        }
        if (high_control || c == 0x7F || (c < ' ' && c != '\n' && c != '\t'))
            text += fmt::format("\\x{:02x}", c);
        else
            text += static_cast<char>(c);
    }
    return text;
}

std::string counted(std::size_t number, std::string_view thing) {
    return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

} // namespace dibs::report
