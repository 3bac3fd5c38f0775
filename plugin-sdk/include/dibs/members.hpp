#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <dibs/abi.hpp>

// The members of a plain struct, counted, named and found, without a word from its author. C++20 has no
// reflection; it has structured bindings, whose number must be known, and __PRETTY_FUNCTION__, which prints
// the address of a member of an object that nobody ever makes.

namespace dibs {
inline namespace abi_v1 {
namespace detail {

inline constexpr std::size_t most_members = 64;
/// A struct with more: so many {} would still initialise it.
inline constexpr std::size_t too_many_members = most_members + 1;

/// Becomes a base of T and nothing else. Not copyable, so that no std::any takes it.
template <class T>
struct AnyBase {
    AnyBase() = default;
    AnyBase(const AnyBase&) = delete;
    template <class Base>
    requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>) operator Base() const;
};

/// A base is initialised by the first braces.
template <class T>
concept HasBase = requires {
    T{AnyBase<T>{}};
};

// clang-format off
#define DIBS_BRACES_1_ {}
#define DIBS_BRACES_2_ DIBS_BRACES_1_, DIBS_BRACES_1_
#define DIBS_BRACES_4_ DIBS_BRACES_2_, DIBS_BRACES_2_
#define DIBS_BRACES_8_ DIBS_BRACES_4_, DIBS_BRACES_4_
#define DIBS_BRACES_16_ DIBS_BRACES_8_, DIBS_BRACES_8_
#define DIBS_BRACES_32_ DIBS_BRACES_16_, DIBS_BRACES_16_
#define DIBS_BRACES_64_ DIBS_BRACES_32_, DIBS_BRACES_32_

/// Whether T{{}, {}, ...} with so many braces is an initialisation. Braces, and not a value that converts to
/// anything: that one would be counted once for each element of an array.
template <class T, std::size_t Count>
consteval bool is_initialised_by() {
    if constexpr (Count == 1) return requires { T{DIBS_BRACES_1_}; };
    else if constexpr (Count == 2) return requires { T{DIBS_BRACES_2_}; };
    else if constexpr (Count == 3) return requires { T{DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 4) return requires { T{DIBS_BRACES_4_}; };
    else if constexpr (Count == 5) return requires { T{DIBS_BRACES_4_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 6) return requires { T{DIBS_BRACES_4_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 7) return requires { T{DIBS_BRACES_4_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 8) return requires { T{DIBS_BRACES_8_}; };
    else if constexpr (Count == 9) return requires { T{DIBS_BRACES_8_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 10) return requires { T{DIBS_BRACES_8_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 11) return requires { T{DIBS_BRACES_8_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 12) return requires { T{DIBS_BRACES_8_, DIBS_BRACES_4_}; };
    else if constexpr (Count == 13) return requires { T{DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 14) return requires { T{DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 15) return requires { T{DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 16) return requires { T{DIBS_BRACES_16_}; };
    else if constexpr (Count == 17) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 18) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 19) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 20) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_4_}; };
    else if constexpr (Count == 21) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_4_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 22) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_4_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 23) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_4_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 24) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_8_}; };
    else if constexpr (Count == 25) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 26) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 27) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 28) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_4_}; };
    else if constexpr (Count == 29) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 30) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 31) return requires { T{DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 32) return requires { T{DIBS_BRACES_32_}; };
    else if constexpr (Count == 33) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 34) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 35) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 36) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_4_}; };
    else if constexpr (Count == 37) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_4_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 38) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_4_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 39) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_4_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 40) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_8_}; };
    else if constexpr (Count == 41) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_8_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 42) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_8_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 43) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_8_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 44) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_8_, DIBS_BRACES_4_}; };
    else if constexpr (Count == 45) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 46) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 47) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 48) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_}; };
    else if constexpr (Count == 49) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 50) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 51) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 52) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_4_}; };
    else if constexpr (Count == 53) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_4_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 54) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_4_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 55) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_4_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 56) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_8_}; };
    else if constexpr (Count == 57) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 58) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 59) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 60) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_4_}; };
    else if constexpr (Count == 61) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 62) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_2_}; };
    else if constexpr (Count == 63) return requires { T{DIBS_BRACES_32_, DIBS_BRACES_16_, DIBS_BRACES_8_, DIBS_BRACES_4_, DIBS_BRACES_2_, DIBS_BRACES_1_}; };
    else if constexpr (Count == 64) return requires { T{DIBS_BRACES_64_}; };
    else if constexpr (Count == 65) return requires { T{DIBS_BRACES_64_, DIBS_BRACES_1_}; };
    else return Count == 0;
}
// clang-format on

#undef DIBS_BRACES_1_
#undef DIBS_BRACES_2_
#undef DIBS_BRACES_4_
#undef DIBS_BRACES_8_
#undef DIBS_BRACES_16_
#undef DIBS_BRACES_32_
#undef DIBS_BRACES_64_

/// The number of T's members, too_many_members for more than can be. By bisection: what so many braces
/// initialise, fewer do too.
template <class T, std::size_t Least = 0, std::size_t Most = too_many_members>
consteval std::size_t count_members() {
    if constexpr (Least == Most) {
        return Least;
    } else {
        constexpr std::size_t middle = (Least + Most + 1) / 2;
        if constexpr (is_initialised_by<T, middle>())
            return count_members<T, middle, Most>();
        else
            return count_members<T, Least, middle - 1>();
    }
}

template <class T>
inline constexpr std::size_t member_count = count_members<T>();

template <class... M>
constexpr std::tuple<const M*...> addresses_of(const M&... members) {
    return {&members...};
}

/// Pointers to the members of an object, in order.
// clang-format off
template <class T>
constexpr auto members_of(const T& object) {
    constexpr std::size_t count = member_count<T>;
    if constexpr (count == 1) { auto& [m0] = object; return addresses_of(m0); }
    else if constexpr (count == 2) { auto& [m0,m1] = object; return addresses_of(m0,m1); }
    else if constexpr (count == 3) { auto& [m0,m1,m2] = object; return addresses_of(m0,m1,m2); }
    else if constexpr (count == 4) { auto& [m0,m1,m2,m3] = object; return addresses_of(m0,m1,m2,m3); }
    else if constexpr (count == 5) { auto& [m0,m1,m2,m3,m4] = object; return addresses_of(m0,m1,m2,m3,m4); }
    else if constexpr (count == 6) { auto& [m0,m1,m2,m3,m4,m5] = object; return addresses_of(m0,m1,m2,m3,m4,m5); }
    else if constexpr (count == 7) { auto& [m0,m1,m2,m3,m4,m5,m6] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6); }
    else if constexpr (count == 8) { auto& [m0,m1,m2,m3,m4,m5,m6,m7] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7); }
    else if constexpr (count == 9) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8); }
    else if constexpr (count == 10) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9); }
    else if constexpr (count == 11) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10); }
    else if constexpr (count == 12) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11); }
    else if constexpr (count == 13) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12); }
    else if constexpr (count == 14) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13); }
    else if constexpr (count == 15) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14); }
    else if constexpr (count == 16) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15); }
    else if constexpr (count == 17) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16); }
    else if constexpr (count == 18) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17); }
    else if constexpr (count == 19) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18); }
    else if constexpr (count == 20) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19); }
    else if constexpr (count == 21) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20); }
    else if constexpr (count == 22) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21); }
    else if constexpr (count == 23) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22); }
    else if constexpr (count == 24) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23); }
    else if constexpr (count == 25) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24); }
    else if constexpr (count == 26) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25); }
    else if constexpr (count == 27) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26); }
    else if constexpr (count == 28) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27); }
    else if constexpr (count == 29) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28); }
    else if constexpr (count == 30) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29); }
    else if constexpr (count == 31) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30); }
    else if constexpr (count == 32) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31); }
    else if constexpr (count == 33) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32); }
    else if constexpr (count == 34) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33); }
    else if constexpr (count == 35) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34); }
    else if constexpr (count == 36) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35); }
    else if constexpr (count == 37) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36); }
    else if constexpr (count == 38) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37); }
    else if constexpr (count == 39) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38); }
    else if constexpr (count == 40) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39); }
    else if constexpr (count == 41) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40); }
    else if constexpr (count == 42) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41); }
    else if constexpr (count == 43) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42); }
    else if constexpr (count == 44) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43); }
    else if constexpr (count == 45) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44); }
    else if constexpr (count == 46) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45); }
    else if constexpr (count == 47) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46); }
    else if constexpr (count == 48) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47); }
    else if constexpr (count == 49) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48); }
    else if constexpr (count == 50) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49); }
    else if constexpr (count == 51) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50); }
    else if constexpr (count == 52) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51); }
    else if constexpr (count == 53) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52); }
    else if constexpr (count == 54) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53); }
    else if constexpr (count == 55) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54); }
    else if constexpr (count == 56) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55); }
    else if constexpr (count == 57) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56); }
    else if constexpr (count == 58) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57); }
    else if constexpr (count == 59) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58); }
    else if constexpr (count == 60) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59); }
    else if constexpr (count == 61) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59,m60] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59,m60); }
    else if constexpr (count == 62) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59,m60,m61] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59,m60,m61); }
    else if constexpr (count == 63) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59,m60,m61,m62] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59,m60,m61,m62); }
    else if constexpr (count == 64) { auto& [m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59,m60,m61,m62,m63] = object; return addresses_of(m0,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12,m13,m14,m15,m16,m17,m18,m19,m20,m21,m22,m23,m24,m25,m26,m27,m28,m29,m30,m31,m32,m33,m34,m35,m36,m37,m38,m39,m40,m41,m42,m43,m44,m45,m46,m47,m48,m49,m50,m51,m52,m53,m54,m55,m56,m57,m58,m59,m60,m61,m62,m63); }
    else return std::tuple<>{};
}
// clang-format on

template <class T>
using MemberPointers = decltype(members_of(std::declval<const T&>()));

template <class T, std::size_t Index>
using MemberType = std::remove_cv_t<std::remove_pointer_t<std::tuple_element_t<Index, MemberPointers<T>>>>;

#if defined(__clang__)
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wundefined-var-template"
#endif

template <class T>
struct Imagined {
    T value;
};
template <class T>
extern const Imagined<T> imagined; // never defined: only its members' addresses are printed

template <class T>
struct PointerParameter { // clang++ 14 takes no pointer to a member's subobject by itself
    const T* pointer;
};

template <auto Pointer>
consteval const char* text_of_pointer() {
    return __PRETTY_FUNCTION__;
}

/// The name of T's member: what the compiler prints ends in "...::email)}" (g++) or "...value.email}"
/// (clang++).
template <class T, std::size_t Index>
consteval std::string_view member_name() {
    constexpr auto pointer = std::get<Index>(members_of(imagined<T>.value));
    std::string_view text = text_of_pointer<PointerParameter<MemberType<T, Index>>{pointer}>();
#if defined(__clang__)
    text = text.substr(0, text.rfind('}'));
    return text.substr(text.rfind('.') + 1);
#else
    text = text.substr(0, text.rfind(")}"));
    return text.substr(text.rfind(':') + 1);
#endif
}

#if defined(__clang__)
#    pragma GCC diagnostic pop
#endif

template <class T>
constexpr std::array<std::string_view, member_count<T>> member_names() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        return std::array<std::string_view, sizeof...(I)>{member_name<T, I>()...};
    }
    (std::make_index_sequence<member_count<T>>{});
}

template <class T>
std::array<const void*, member_count<T>> member_addresses(const T& object) {
    return std::apply(
        [](auto... pointers) { return std::array<const void*, sizeof...(pointers)>{pointers...}; },
        members_of(object));
}

/// Which of T's members this is, by its address in an object: members of equal types are told apart.
template <class T, class M>
std::size_t member_index(M T::*member) {
    static const T object{};
    static const auto addresses = member_addresses(object);
    std::size_t index = 0;
    while (index < addresses.size() && addresses[index] != static_cast<const void*>(&(object.*member)))
        ++index;
    return index;
}

// What this header takes from the compiler's text and its rules, pinned: a compiler that does otherwise stops
// here.
struct MembersProbe {
    int first;
    char array_of_three[3];
    struct {
        int x, y;
    } nested;
    const char* last_;
};
static_assert(member_count<MembersProbe> == 4,
              "dibs: this compiler counts the members of a struct otherwise");
static_assert(member_name<MembersProbe, 0>() == "first" &&
                  member_name<MembersProbe, 1>() == "array_of_three" &&
                  member_name<MembersProbe, 2>() == "nested" && member_name<MembersProbe, 3>() == "last_",
              "dibs: this compiler prints the address of a member in a form that dibs does not know");

} // namespace detail
} // namespace abi_v1
} // namespace dibs
