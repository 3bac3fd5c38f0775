#pragma once

#include <string_view>

#include <dibs/abi.hpp>

namespace dibs {
inline namespace abi_v1 {
namespace detail {

/// A C++ type's full name: it names the same type in every file, where the type has external linkage.
template <class T>
consteval std::string_view type_name() {
    const std::string_view text =
        __PRETTY_FUNCTION__; // g++: "... [with T = shop::User; ...]", clang++: "... [T = shop::User]"
    const std::size_t start = text.find("T = ") + 4;
    const std::size_t end = text.find_first_of(";]", start);
    return text.substr(start, end - start);
}

consteval bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// Whether a type is visible to the linker: not in an unnamed namespace, nor (which clang++ does not tell) in
/// a function.
template <class T>
consteval bool has_external_linkage() {
    const std::string_view name = type_name<T>();
    return !contains(name, "{anonymous}") && !contains(name, "(anonymous namespace)") &&
           !contains(name, ")::");
}

} // namespace detail
} // namespace abi_v1
} // namespace dibs
