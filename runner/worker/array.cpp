#include "worker/array.hpp"

namespace dibs::worker {

std::optional<std::vector<std::optional<std::string>>> parse_array(std::string_view text) {
    if (text.starts_with('[')) { // bounds other than 1: [0:2]={...}
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos)
            return std::nullopt;
        text.remove_prefix(equals + 1);
    }
    if (text.size() < 2 || text.front() != '{' || text.back() != '}')
        return std::nullopt;
    text.remove_prefix(1);
    text.remove_suffix(1);
    std::vector<std::optional<std::string>> elements;
    if (text.empty())
        return elements;
    for (;;) {
        std::string element;
        const bool quoted = text.starts_with('"');
        std::size_t at = quoted ? 1 : 0;
        for (; at < text.size() && text[at] != (quoted ? '"' : ','); ++at) {
            if (!quoted && (text[at] == '{' || text[at] == '}'))
                return std::nullopt;
            if (text[at] == '\\' && ++at == text.size())
                return std::nullopt;
            element += text[at];
        }
        if (quoted && at++ == text.size())
            return std::nullopt;
        if (!quoted && element == "NULL")
            elements.emplace_back();
        else
            elements.emplace_back(std::move(element));
        if (at == text.size())
            return elements;
        if (text[at] != ',')
            return std::nullopt;
        text.remove_prefix(at + 1);
    }
}

void append_element(std::string& array, std::optional<std::string_view> element) {
    if (!element) {
        array += "NULL";
        return;
    }
    array += '"';
    for (const char c : *element) {
        if (c == '"' || c == '\\')
            array += '\\';
        array += c;
    }
    array += '"';
}

} // namespace dibs::worker
