#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include <dibs/abi.hpp>

namespace dibs {
inline namespace abi_v1 {

/// One value on its way to the server, as it crosses to the runner: a view of the caller's value, valid
/// during the call. Values go as parameters of no declared type, so PostgreSQL infers the type from where
/// they stand
/// (`$1::bigint` where it cannot), bytes as bytea.
struct Parameter {
    enum class Kind : std::uint8_t {
        null,
        boolean,
        integer,
        unsigned_integer,
        real,
        single,
        text,
        bytes,
        array
    };
    using Sink = void (*)(void* state, const Parameter& element);

    struct View {
        const char* data;
        std::size_t size; ///< bytes
    };
    struct Array {
        const void* container;
        void (*visit)(const void* container, Sink sink,
                      void* state); ///< gives each element to the sink, in order
    };

    Kind kind;
    union {
        bool boolean;
        std::int64_t integer;
        std::uint64_t unsigned_integer;
        double real;
        float single;
        View view;
        Array array;
    };
};

namespace detail {

template <class T>
concept AsText = std::is_convertible_v<const T&, std::string_view>;

/// Without a call into std::string_view for a literal: unoptimised, its noexcept functions need libstdc++'s
/// personality routine, and reading that library takes the linker longer than all the rest of a migration.
template <AsText T>
Parameter::View view(const T& text) {
    if constexpr (std::is_array_v<T>) {
        return {text, __builtin_strlen(text)};
    } else if constexpr (std::is_pointer_v<T>) {
        return {text, text == nullptr ? 0 : __builtin_strlen(text)};
    } else {
        const std::string_view characters = text;
        return {characters.data(), characters.size()};
    }
}

template <class T>
concept Byte = std::same_as<std::remove_cv_t<T>, std::byte> || std::same_as < std::remove_cv_t<T>,
unsigned char > ;

template <class T>
concept AsBytes = requires(const T& value) {
    requires Byte<std::remove_pointer_t<decltype(value.data())>>;
    value.size();
};

/// std::optional and its like, without the header.
template <class T>
concept Optional = requires(const T& value) {
    typename T::value_type;
    { value.has_value() } -> std::same_as<bool>;
    *value;
};

/// nullptr, and std::nullopt without its header: a type that has no state and cannot be made from nothing.
template <class T>
concept Null = std::is_null_pointer_v<T> ||
    (std::is_empty_v<T>&& std::is_trivially_copyable_v<T> && !std::is_default_constructible_v<T>);

template <class T>
concept Container = requires(const T& value) {
    value.begin() != value.end();
    *value.begin();
}
|| std::is_array_v<T>;

template <class T>
inline constexpr bool no_parameter_form = false;

template <class T>
Parameter bind(const T& value);

template <class T>
void visit_elements(const void* container, Parameter::Sink sink, void* state) {
    for (const auto& element : *static_cast<const T*>(container))
        sink(state, bind(element));
}

template <class T>
Parameter bind(const T& value) {
    using Kind = Parameter::Kind;
    Parameter bound{Kind::null, {}};
    if constexpr (Null<T>) {
        return bound;
    } else if constexpr (std::same_as<T, bool>) {
        bound.kind = Kind::boolean;
        bound.boolean = value;
    } else if constexpr (std::is_same_v<T, char> || std::is_same_v<T, wchar_t> ||
                         std::is_same_v<T, char8_t> || std::is_same_v<T, char16_t> ||
                         std::is_same_v<T, char32_t>) {
        static_assert(no_parameter_form<T>, "dibs: a character is no SQL value; pass a string or a number");
    } else if constexpr (std::signed_integral<T>) {
        static_assert(sizeof(T) <= sizeof(std::int64_t),
                      "dibs: PostgreSQL has no integer of this size; pass text");
        bound.kind = Kind::integer;
        bound.integer = value;
    } else if constexpr (std::unsigned_integral<T>) {
        static_assert(sizeof(T) <= sizeof(std::int64_t),
                      "dibs: PostgreSQL has no integer of this size; pass text");
        bound.kind = Kind::unsigned_integer;
        bound.unsigned_integer = value;
    } else if constexpr (std::same_as<T, float>) {
        bound.kind = Kind::single;
        bound.single = value;
    } else if constexpr (std::same_as<T, double>) {
        bound.kind = Kind::real;
        bound.real = value;
    } else if constexpr (Optional<T>) {
        return value.has_value() ? bind(*value) : bound;
    } else if constexpr (AsText<T>) {
        if constexpr (std::is_pointer_v<T>) {
            if (value == nullptr)
                return bound;
        }
        bound.kind = Kind::text;
        bound.view = view(value);
    } else if constexpr (AsBytes<T>) {
        bound.kind = Kind::bytes;
        bound.view = {reinterpret_cast<const char*>(value.data()), value.size()};
    } else if constexpr (Container<T>) {
        bound.kind = Kind::array;
        bound.array = {&value, &visit_elements<T>};
    } else {
        static_assert(
            no_parameter_form<T>,
            "dibs: this C++ type cannot be passed to SQL; pass a number, bool, string, bytes, nullptr, an "
            "optional or a container of these (an enum or a date: as text or as a number)");
    }
    return bound;
}

} // namespace detail
} // namespace abi_v1
} // namespace dibs
