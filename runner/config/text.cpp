#include "config/text.hpp"

#include <algorithm>

namespace dibs::config {
namespace {

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

} // namespace

std::optional<std::size_t> first_control(std::string_view text) {
    const auto* const found = std::find_if(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
    });
    return found != text.end() ? std::optional(static_cast<std::size_t>(found - text.begin())) : std::nullopt;
}

Position position_of(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_begin = before.rfind('\n') + 1; // npos + 1 is 0
    const auto characters = std::count_if(before.begin() + static_cast<std::ptrdiff_t>(line_begin),
                                          before.end(), [](char c) { return !continues(c); });
    return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
            static_cast<int>(characters) + 1};
}

std::size_t offset_of_line(std::string_view text, int line) {
    std::size_t begin = 0;
    for (int i = 1; i < line; ++i) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string_view::npos) {
            return text.size();
        }
        begin = end + 1;
    }
    return begin;
}

} // namespace dibs::config
