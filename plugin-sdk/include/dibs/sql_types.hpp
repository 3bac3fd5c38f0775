#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <dibs/abi.hpp>

// Types for the columns that have no C++ type of their own. Each holds the value as PostgreSQL writes it.

namespace dibs {
inline namespace abi_v1 {

namespace detail {

/// Text as a template's argument.
template <std::size_t Size>
struct FixedText {
    char characters[Size]{};

    consteval FixedText(const char (&text)[Size]) {
        for (std::size_t i = 0; i < Size; ++i)
            characters[i] = text[i];
    }
    [[nodiscard]] constexpr std::string_view view() const { return {characters, Size - 1}; }
};

/// "numeric(12,2)", put together by the compiler.
template <std::size_t WordSize>
struct TypeWithNumbers {
    char characters[WordSize + 24]{};
    std::size_t size = 0;

    consteval TypeWithNumbers(const char (&word)[WordSize], int first) { write(word), open(first), put(')'); }
    consteval TypeWithNumbers(const char (&word)[WordSize], int first, int second) {
        write(word), open(first), put(','), number(second), put(')');
    }
    [[nodiscard]] constexpr std::string_view view() const { return {characters, size}; }

  private:
    constexpr void put(char c) { characters[size++] = c; }
    constexpr void write(std::string_view text) {
        for (const char c : text)
            put(c);
    }
    constexpr void open(int value) { put('('), number(value); }
    constexpr void number(int value) {
        if (value < 0)
            put('-'), value = -value;
        if (value > 9)
            number(value / 10);
        put(static_cast<char>('0' + value % 10));
    }
};

} // namespace detail

/// A value of any PostgreSQL type, by its name: `dibs::named<"ltree">`.
template <detail::FixedText Type>
struct named {
    static constexpr std::string_view type = Type.view();
    std::string text;
    friend bool operator==(const named&, const named&) = default;
};

using uuid = named<"uuid">;
using jsonb = named<"jsonb">;
using json = named<"json">;
using interval = named<"interval">;
using timestamp = named<"timestamp">; ///< without time zone
using inet = named<"inet">;
using citext = named<"citext">; ///< of the extension citext

template <int Precision, int Scale = 0>
struct numeric {
    static_assert(Precision >= 1 && Precision <= 1000, "dibs: numeric has a precision of 1 to 1000");
    static_assert(Scale >= -1000 && Scale <= 1000, "dibs: numeric has a scale of -1000 to 1000");
    static constexpr detail::TypeWithNumbers written{"numeric", Precision, Scale};
    static constexpr std::string_view type = written.view();
    std::string text;
    friend bool operator==(const numeric&, const numeric&) = default;
};

template <int Length>
struct varchar {
    static_assert(Length >= 1 && Length <= 10485760, "dibs: varchar has a length of 1 to 10485760");
    static constexpr detail::TypeWithNumbers written{"varchar", Length};
    static constexpr std::string_view type = written.view();
    std::string text;
    friend bool operator==(const varchar&, const varchar&) = default;
};

/// char(n), filled up with blanks.
template <int Length>
struct character {
    static_assert(Length >= 1 && Length <= 10485760, "dibs: char has a length of 1 to 10485760");
    static constexpr detail::TypeWithNumbers written{"char", Length};
    static constexpr std::string_view type = written.view();
    std::string text;
    friend bool operator==(const character&, const character&) = default;
};

} // namespace abi_v1
} // namespace dibs
