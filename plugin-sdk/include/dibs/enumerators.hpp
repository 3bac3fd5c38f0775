#pragma once

#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dibs/abi.hpp>

namespace dibs {
inline namespace abi_v1 {
namespace detail {

inline constexpr std::size_t most_enumerators = 128; ///< looked for: the values 0 to 127

template <class E, E... Values>
constexpr std::string_view text_of_values() {
    return __PRETTY_FUNCTION__;
}

/// The names of an enum's values from 0 to 127, in the order of the values. The compiler prints the list
/// "shop::State::paid, (shop::State)2, ...": a value without a name stands in parentheses.
template <class E>
std::vector<std::string> enumerators() {
    const std::string_view whole = []<std::size_t... I>(std::index_sequence<I...>) {
        return text_of_values<E, static_cast<E>(I)...>();
    }
    (std::make_index_sequence<most_enumerators>{});
    std::vector<std::string> names;
    std::size_t at = whole.rfind("Values = ");
    std::string_view list = whole.substr(at == std::string_view::npos ? 0 : at + 9);
    list = list.substr(0, list.find_first_of("}>;]"));
    while (!list.empty()) {
        const std::string_view value = list.substr(0, list.find(','));
        list.remove_prefix(value.size() < list.size() ? value.size() + 1 : list.size());
        if (value.find('(') == std::string_view::npos)
            names.emplace_back(value.substr(value.rfind(':') + 1));
    }
    return names;
}

/// What an enum is called in the database unless DIBS_ENUM says otherwise: shop::OrderState is order_state.
inline std::string snake_case(std::string_view cpp_type) {
    const std::string_view name = cpp_type.substr(cpp_type.rfind(':') + 1);
    const auto is_upper = [&](std::size_t i) {
        return i < name.size() && std::isupper(static_cast<unsigned char>(name[i])) != 0;
    };
    std::string result;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool word_begins = is_upper(i) && i > 0 && name[i - 1] != '_' &&
                                 (!is_upper(i - 1) || (i + 1 < name.size() && !is_upper(i + 1)));
        if (word_begins)
            result += '_';
        result += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
    }
    return result;
}

} // namespace detail
} // namespace abi_v1
} // namespace dibs
