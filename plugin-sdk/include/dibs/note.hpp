#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <dibs/abi.hpp>
#include <dibs/options.hpp>

// The sanitizer that a library was compiled with must be in the runner too, from the same compiler.
#if defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define DIBS_SANITIZER_ "address"
#    elif __has_feature(thread_sanitizer)
#        define DIBS_SANITIZER_ "thread"
#    elif __has_feature(memory_sanitizer)
#        define DIBS_SANITIZER_ "memory"
#    elif __has_feature(undefined_behavior_sanitizer)
#        define DIBS_SANITIZER_ "undefined"
#    endif
#endif
#if !defined(DIBS_SANITIZER_)
#    if defined(__SANITIZE_ADDRESS__)
#        define DIBS_SANITIZER_ "address"
#    elif defined(__SANITIZE_THREAD__)
#        define DIBS_SANITIZER_ "thread"
#    else
#        define DIBS_SANITIZER_ "none"
#    endif
#endif

// clang++ would put a red zone behind the note, into the section that readers of notes take as a whole.
#if defined(__clang__)
#    define DIBS_NO_RED_ZONE_ , gnu::no_sanitize_address
#else
#    define DIBS_NO_RED_ZONE_
#endif

namespace dibs {
inline namespace abi_v1 {
namespace detail {

inline constexpr std::uint32_t note_type = 1;
inline constexpr std::string_view sanitizer = DIBS_SANITIZER_;
#if defined(__clang__)
inline constexpr std::string_view compiler = "clang";
inline constexpr std::uint32_t compiler_version[] = {__clang_major__, __clang_minor__, __clang_patchlevel__};
#else
inline constexpr std::string_view compiler = "gcc";
inline constexpr std::uint32_t compiler_version[] = {__GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__};
#endif
#if defined(_LIBCPP_VERSION)
inline constexpr std::string_view standard_library = "libc++";
inline constexpr std::uint32_t standard_library_release = _LIBCPP_VERSION;
#else
inline constexpr std::string_view standard_library = "libstdc++";
inline constexpr std::uint32_t standard_library_release = _GLIBCXX_RELEASE;
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI)
inline constexpr std::uint32_t string_abi = _GLIBCXX_USE_CXX11_ABI;
#else
inline constexpr std::uint32_t string_abi = 0;
#endif

/// Writes text into a buffer, or, without one, counts it. (With -fsanitize=undefined g++ 12 takes no
/// comparison with nullptr for constant.)
struct NoteWriter {
    char* out = nullptr;
    bool writes = false;
    std::size_t size = 0;

    constexpr NoteWriter& operator<<(std::string_view text) {
        if (writes) {
            for (std::size_t i = 0; i < text.size(); ++i)
                out[size + i] = text[i];
        }
        size += text.size();
        return *this;
    }
    constexpr NoteWriter& operator<<(std::int64_t number) {
        char digits[20] = {};
        std::size_t length = 0;
        do
            digits[length++] = static_cast<char>('0' + number % 10);
        while ((number /= 10) > 0);
        while (length > 0)
            *this << std::string_view(&digits[--length], 1);
        return *this;
    }
};

/// What every library says of itself: `key=value` lines. docs/abi.md describes each.
constexpr void write_note(NoteWriter& note, std::string_view kind, std::string_view source) {
    note << "abi=" << DIBS_ABI_MAJOR << "." << DIBS_ABI_MINOR;
    note << "\nkind=" << kind << "\nsource=" << source;
    note << "\ncompiler=" << compiler << " " << compiler_version[0] << "." << compiler_version[1] << "."
         << compiler_version[2];
    note << "\nstandard_library=" << standard_library << " " << standard_library_release;
    note << "\nstring_abi=" << string_abi << "\nsanitizer=" << sanitizer << "\n";
}

/// What a migration says.
constexpr void write_note(NoteWriter& note, const Options& options, std::string_view source) {
    write_note(note, "migration", source);
    note << "transaction=" << (options.transaction ? 1 : 0);
    if (options.lock_timeout.milliseconds != Duration::unset)
        note << "\nlock_timeout_ms=" << options.lock_timeout.milliseconds;
    if (options.lock_attempts > 0)
        note << "\nlock_attempts=" << static_cast<std::int64_t>(options.lock_attempts);
    if (!options.description.text.empty())
        note << "\ndescription=" << options.description.text;
    note << "\n";
}

/// @param what a migration's Options, or the kind of another library
template <class What>
consteval std::size_t note_size(const What& what, std::string_view source) {
    NoteWriter counter;
    write_note(counter, what, source);
    return counter.size;
}

/// An ELF note (gABI, "Note Section") with its text, padded to four bytes.
template <std::size_t Size>
struct alignas(4) Note {
    std::uint32_t name_size = 5;
    std::uint32_t text_size = Size;
    std::uint32_t type = note_type;
    char name[8] = {'d', 'i', 'b', 's'};
    char text[(Size + 3) / 4 * 4] = {};

    template <class What>
    consteval Note(const What& what, std::string_view source) {
        NoteWriter writer{text, true};
        write_note(writer, what, source);
    }
};

} // namespace detail
} // namespace abi_v1
} // namespace dibs
