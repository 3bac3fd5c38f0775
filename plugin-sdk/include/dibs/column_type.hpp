#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <dibs/abi.hpp>
#include <dibs/sql_types.hpp>

namespace dibs {
inline namespace abi_v1 {

/// The PostgreSQL type of a C++ type. Specialise it for a type of yours:
///
///     template <>
///     struct dibs::column_type<shop::Money> {
///         static constexpr std::string_view name = "numeric(12,2)";
///     };
///
/// std::optional makes a column nullable and std::vector an array, whatever they are of.
template <class T>
struct column_type {};

namespace detail {

template <std::size_t Bytes>
inline constexpr std::string_view integer_of_size = "bigint";
template <>
inline constexpr std::string_view integer_of_size<2> = "smallint";
template <>
inline constexpr std::string_view integer_of_size<4> = "integer";

template <class T>
concept Integer = std::signed_integral<T> &&(sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8) &&
                  !std::same_as<T, wchar_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

} // namespace detail

template <detail::Integer T>
struct column_type<T> {
    static constexpr std::string_view name = detail::integer_of_size<sizeof(T)>;
};
template <>
struct column_type<float> {
    static constexpr std::string_view name = "real";
};
template <>
struct column_type<double> {
    static constexpr std::string_view name = "double precision";
};
template <>
struct column_type<bool> {
    static constexpr std::string_view name = "boolean";
};
template <>
struct column_type<std::string> {
    static constexpr std::string_view name = "text";
};
template <>
struct column_type<std::vector<std::byte>> {
    static constexpr std::string_view name = "bytea";
};
template <class Duration>
struct column_type<std::chrono::sys_time<Duration>> {
    static constexpr std::string_view name = "timestamptz";
};
template <class Duration>
struct column_type<std::chrono::local_time<Duration>> {
    static constexpr std::string_view name = "timestamp";
};
template <>
struct column_type<std::chrono::year_month_day> {
    static constexpr std::string_view name = "date";
};
template <class Duration>
struct column_type<std::chrono::hh_mm_ss<Duration>> {
    static constexpr std::string_view name = "time";
};
template <class Rep, class Period>
struct column_type<std::chrono::duration<Rep, Period>> {
    static constexpr std::string_view name = "interval";
};
template <detail::FixedText Type>
struct column_type<named<Type>> {
    static constexpr std::string_view name = named<Type>::type;
};
template <int Precision, int Scale>
struct column_type<numeric<Precision, Scale>> {
    static constexpr std::string_view name = numeric<Precision, Scale>::type;
};
template <int Length>
struct column_type<varchar<Length>> {
    static constexpr std::string_view name = varchar<Length>::type;
};
template <int Length>
struct column_type<character<Length>> {
    static constexpr std::string_view name = character<Length>::type;
};

namespace detail {

template <class T>
concept HasColumnType = requires {
    { column_type<T>::name } -> std::convertible_to<std::string_view>;
};

template <class T>
inline constexpr bool is_enum_class = std::is_enum_v<T> && !std::is_convertible_v<T, long long>;

/// A member's type, taken apart.
template <class T>
struct Mapping {
    using Value = T; ///< without std::optional and std::vector
    static constexpr bool nullable = false;
    static constexpr int dimensions = 0;
    static constexpr bool is_mapped = HasColumnType<T> || is_enum_class<T>;
};
template <class T>
struct Mapping<std::optional<T>> {
    using Value = typename Mapping<T>::Value;
    static constexpr bool nullable = true;
    static constexpr int dimensions = Mapping<T>::dimensions;
    static constexpr bool is_mapped = Mapping<T>::is_mapped && !Mapping<T>::nullable;
};
template <class T>
requires(!HasColumnType<std::vector<T>>) struct Mapping<std::vector<T>> {
    using Value = typename Mapping<T>::Value;
    static constexpr bool nullable = false;
    static constexpr int dimensions = Mapping<T>::dimensions + 1; // elements of an array may be NULL anyway
    static constexpr bool is_mapped = Mapping<T>::is_mapped;
};

/// Whether a value of one may reference a value of the other.
template <class From, class To>
consteval bool same_column_type() {
    using A = typename Mapping<From>::Value;
    using B = typename Mapping<To>::Value;
    if constexpr (std::is_same_v<A, B>)
        return Mapping<From>::dimensions == Mapping<To>::dimensions;
    else if constexpr (HasColumnType<A> && HasColumnType<B>)
        return Mapping<From>::dimensions == Mapping<To>::dimensions &&
               std::string_view(column_type<A>::name) == std::string_view(column_type<B>::name);
    else
        return false;
}

} // namespace detail
} // namespace abi_v1
} // namespace dibs
