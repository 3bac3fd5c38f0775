#include "plugin/version.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace dibs::plugin {
namespace {

using std::chrono::sys_seconds;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool matches(std::string_view text, std::string_view pattern) {
    return text.size() >= pattern.size() &&
           std::equal(pattern.begin(), pattern.end(), text.begin(),
                      [](char p, char c) { return p == '0' ? is_digit(c) : p == c; });
}

/// Fourteen digits, YYYYMMDDHHMMSS.
std::optional<sys_seconds> moment_of(std::string_view digits) {
    const auto number = [&](std::size_t from, std::size_t size) {
        int value = 0;
        for (const char c : digits.substr(from, size))
            value = value * 10 + (c - '0');
        return value;
    };
    using namespace std::chrono;
    const year_month_day date{year(number(0, 4)), month(static_cast<unsigned>(number(4, 2))),
                              day(static_cast<unsigned>(number(6, 2)))};
    const int hour = number(8, 2);
    const int minute = number(10, 2);
    const int second = number(12, 2);
    if (!date.ok() || hour > 23 || minute > 59 || second > 59)
        return std::nullopt;
    return sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
}

constexpr std::string_view spaced = "0000_00_00_000000";
constexpr std::string_view packed = "00000000000000";

/// A timestamp in one of the two spellings, one of the separators, a name.
std::optional<Version> from_parts(std::string_view text, std::string_view separators) {
    std::string_view pattern;
    if (matches(text, spaced))
        pattern = spaced;
    else if (matches(text, packed))
        pattern = packed;
    else
        return std::nullopt;
    if (text.size() < pattern.size() + 2 || separators.find(text[pattern.size()]) == std::string_view::npos)
        return std::nullopt;
    std::string digits;
    std::copy_if(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(pattern.size()),
                 std::back_inserter(digits), is_digit);
    const std::optional<sys_seconds> moment = moment_of(digits);
    std::string name(text.substr(pattern.size() + 1));
    std::replace(name.begin(), name.end(), '-',
                 '_'); // the Rust dibs kept hyphens in versions, not in file names
    if (!moment || !valid_name(name))
        return std::nullopt;
    return Version(*moment, std::move(name));
}

std::string timestamp(sys_seconds moment) {
    using namespace std::chrono;
    const auto day_start = floor<days>(moment);
    const year_month_day date(day_start);
    const hh_mm_ss time(moment - day_start);
    // Not by fmt, which showed in the profile of a run: it asks several times a migration.
    std::string text(spaced);
    const auto put = [&](std::size_t at, std::size_t digits, std::int64_t number) {
        for (; digits > 0; number /= 10)
            text[at + --digits] = static_cast<char>('0' + number % 10);
    };
    put(0, 4, static_cast<int>(date.year()));
    put(5, 2, static_cast<unsigned>(date.month()));
    put(8, 2, static_cast<unsigned>(date.day()));
    put(11, 2, time.hours().count());
    put(13, 2, time.minutes().count());
    put(15, 2, time.seconds().count());
    return text;
}

} // namespace

std::optional<Version> Version::from_stem(std::string_view stem) {
    if (!resembles_migration(stem) || stem.find('-') != std::string_view::npos) // two files with one version
        return std::nullopt;
    return from_parts(stem.substr(1), "_");
}

std::optional<Version> Version::parse(std::string_view text) {
    if (text.starts_with('m'))
        text.remove_prefix(text.starts_with("m_") ? 2 : 1);
    return from_parts(text, "-_");
}

Version::Version(sys_seconds moment, std::string name) : moment_(moment), name_(std::move(name)) {
    if (!valid_name(name_))
        throw std::invalid_argument("not a migration's name: " + name_);
}

std::string Version::to_string() const {
    return timestamp(moment_) + "-" + name_;
}

std::string Version::stem() const {
    return "m" + timestamp(moment_) + "_" + name_;
}

bool resembles_migration(std::string_view stem) {
    return stem.starts_with('m') && matches(stem.substr(1), spaced) &&
           stem.substr(1 + spaced.size()).starts_with('_');
}

bool valid_name(std::string_view name) {
    return !name.empty() && name.size() <= 200 && std::all_of(name.begin(), name.end(), [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    });
}

} // namespace dibs::plugin
