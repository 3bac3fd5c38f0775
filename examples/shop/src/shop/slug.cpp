#include "shop/slug.hpp"

namespace shop {
namespace {

// U+00C0 to U+00FF, which UTF-8 writes as 0xC3 and one byte from 0x80 on.
constexpr std::string_view latin1 = "aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuyty";
static_assert(latin1.size() == 64);

char plain(char c) {
    if (c >= 'A' && c <= 'Z')
        return static_cast<char>(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
}

} // namespace

std::string slug(std::string_view title) {
    std::string result;
    for (std::size_t i = 0; i < title.size(); ++i) {
        char c = plain(title[i]);
        if (title[i] == '\xC3' && i + 1 < title.size())
            c = latin1[static_cast<unsigned char>(title[++i]) % latin1.size()];
        if (c != '-' || (!result.empty() && result.back() != '-'))
            result += c;
        if (title.substr(0, i + 1).ends_with("ß"))
            result += 's';
    }
    if (result.ends_with('-'))
        result.pop_back();
    return result;
}

} // namespace shop
