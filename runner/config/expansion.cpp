#include "config/expansion.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace dibs::config {
namespace {

bool is_name_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_variable_name(std::string_view name) {
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(), is_name_character);
}

std::string without_doubled_dollars(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        result += text[i];
        if (text.substr(i, 2) == "$$") {
            ++i;
        }
    }
    return result;
}

// `inside` is what stands between the braces.
std::string value_of(std::string_view inside, const Environment& environment) {
    const std::size_t colon = inside.find(":-");
    const std::string name(inside.substr(0, colon));
    if (!is_variable_name(name)) {
        // What follows the name may be a password: it is not repeated.
        const auto end = std::find_if_not(inside.begin(), inside.end(), is_name_character);
        throw ExpansionError("\"${" + std::string(inside.begin(), end) +
                             "\" goes on neither as ${NAME} nor as ${NAME:-default}");
    }
    const std::optional<std::string> value = environment(name);
    if (colon == std::string_view::npos) {
        if (!value) {
            throw ExpansionError("the environment variable " + name + " is not set");
        }
        return *value;
    }
    const std::string_view fallback = inside.substr(colon + 2);
    if (fallback.find("${") != std::string_view::npos) {
        throw ExpansionError("the default of ${" + name + ":-...} cannot hold another ${");
    }
    return value && !value->empty() ? *value : without_doubled_dollars(fallback);
}

} // namespace

std::string expand(std::string_view text, const Environment& environment) {
    std::string result;
    while (!text.empty()) {
        const std::size_t dollar = std::min(text.find('$'), text.size());
        result += text.substr(0, dollar);
        text.remove_prefix(dollar);
        if (text.starts_with("$$")) {
            result += '$';
            text.remove_prefix(2);
        } else if (text.starts_with("${")) {
            const std::size_t close = text.find('}');
            if (close == std::string_view::npos) {
                throw ExpansionError("\"${\" without its \"}\"");
            }
            result += value_of(text.substr(2, close - 2), environment);
            text.remove_prefix(close + 1);
        } else if (!text.empty()) {
            result += '$';
            text.remove_prefix(1);
        }
    }
    return result;
}

} // namespace dibs::config
