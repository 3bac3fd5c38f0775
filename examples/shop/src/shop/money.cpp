#include "shop/money.hpp"

namespace shop {
namespace {

struct Mark {
    std::string_view text;
    std::string_view currency;
};
constexpr Mark marks[] = {{"EUR", "EUR"}, {"€", "EUR"},   {"USD", "USD"},
                          {"$", "USD"},   {"GBP", "GBP"}, {"£", "GBP"}};

constexpr std::size_t longest_number = 16; // digits and separators: far from what 64 bits cannot hold

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Digits; with the separator all through, before each three of them, or without it.
std::optional<std::int64_t> whole_number(std::string_view text, char separator) {
    if (text.empty() || text.size() > longest_number || text.front() == separator)
        return std::nullopt;
    const bool grouped = text.find(separator) != std::string_view::npos;
    std::int64_t number = 0;
    std::size_t after = text.size(); // characters that follow
    for (const char c : text) {
        --after;
        const bool at_separator = grouped && after % 4 == 3;
        if (at_separator ? c != separator : c < '0' || c > '9')
            return std::nullopt;
        if (!at_separator)
            number = number * 10 + (c - '0');
    }
    return number;
}

std::optional<std::int64_t> parse_cents(std::string_view amount) {
    const std::size_t size = amount.size();
    if (size < 3 || (amount[size - 3] != '.' && amount[size - 3] != ',')) {
        const std::optional<std::int64_t> units =
            whole_number(amount, amount.find(',') == std::string_view::npos ? '.' : ',');
        return units ? std::optional(*units * 100) : std::nullopt;
    }
    const char thousands = amount[size - 3] == '.' ? ',' : '.';
    const std::optional<std::int64_t> units = whole_number(amount.substr(0, size - 3), thousands);
    const std::optional<std::int64_t> cents = whole_number(amount.substr(size - 2), thousands);
    return units && cents ? std::optional(*units * 100 + *cents) : std::nullopt;
}

} // namespace

std::optional<Money> parse_money(std::string_view text) {
    text = trimmed(text);
    for (const Mark& mark : marks) {
        std::string_view amount = text;
        if (text.starts_with(mark.text))
            amount.remove_prefix(mark.text.size());
        else if (text.ends_with(mark.text))
            amount.remove_suffix(mark.text.size());
        else
            continue;
        if (const std::optional<std::int64_t> cents = parse_cents(trimmed(amount)))
            return Money{*cents, mark.currency};
        return std::nullopt;
    }
    return std::nullopt;
}

} // namespace shop
