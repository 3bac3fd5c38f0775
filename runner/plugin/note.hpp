#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dibs::plugin {

/// What DIBS_MIGRATION wrote into the library (plugin-sdk/include/dibs/note.hpp; docs/abi.md).
struct Note {
    int abi_major = 0;
    int abi_minor = 0;
    std::string kind;
    std::string source; ///< the file's base name
    std::string compiler;
    std::string standard_library; ///< "libstdc++ 12"
    std::string string_abi;
    std::string sanitizer;
    bool transaction = true;
    std::optional<std::int64_t> lock_timeout_ms;
    std::optional<std::int64_t> lock_attempts;
    std::string description;

    bool operator==(const Note&) const = default;
};

/// Reads the note's text. Unknown keys are left alone: a newer SDK may write more.
/// @return nothing when it has no valid `abi`, or a known key's value makes no sense
std::optional<Note> parse_note(std::string_view text);

/// Why this runner must not load a library with this note, for people; nothing when it may.
struct Refusal {
    std::string reason;
    std::string hint;
};
/// @param kind what is wanted: "migration" or "schema"
std::optional<Refusal> refusal(const Note& note, std::string_view kind = "migration");

/// What this runner was built as, in the words of the note.
Note own_note();

} // namespace dibs::plugin
