#include "plugin/note.hpp"

#include <charconv>

#include <dibs/note.hpp>
#include <fmt/format.h>

namespace dibs::plugin {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number >= 0;
}

bool read_field(Note& note, std::string_view key, std::string_view value) {
    if (key == "abi") {
        const std::size_t dot = value.find('.');
        return dot != std::string_view::npos && read_number(value.substr(0, dot), note.abi_major) &&
               read_number(value.substr(dot + 1), note.abi_minor) && note.abi_major > 0;
    }
    if (key == "transaction") {
        note.transaction = value != "0";
        return value == "0" || value == "1";
    }
    if (key == "lock_timeout_ms")
        return read_number(value, note.lock_timeout_ms.emplace());
    if (key == "lock_attempts")
        return read_number(value, note.lock_attempts.emplace());
    if (key == "kind")
        note.kind = value;
    else if (key == "source")
        note.source = value;
    else if (key == "compiler")
        note.compiler = value;
    else if (key == "standard_library")
        note.standard_library = value;
    else if (key == "string_abi")
        note.string_abi = value;
    else if (key == "sanitizer")
        note.sanitizer = value;
    else if (key == "description")
        note.description = value;
    return true;
}

std::string_view first_word(std::string_view text) {
    return text.substr(0, text.find(' '));
}

} // namespace

std::optional<Note> parse_note(std::string_view text) {
    Note note;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos &&
            !read_field(note, line.substr(0, equals), line.substr(equals + 1)))
            return std::nullopt;
    }
    if (note.abi_major == 0)
        return std::nullopt;
    return note;
}

Note own_note() {
    dibs::detail::NoteWriter counter;
    dibs::detail::write_note(counter, dibs::Options{}, "");
    std::string text(counter.size, '\0');
    dibs::detail::NoteWriter writer{text.data(), true};
    dibs::detail::write_note(writer, dibs::Options{}, "");
    return parse_note(text).value();
}

std::optional<Refusal> refusal(const Note& note, std::string_view kind) {
    static const Note own = own_note();
    const std::string_view built = kind == "migration" ? "the migrations" : "the schema";
    const auto refuse = [&](std::string reason, std::string hint = {}) {
        if (hint.empty())
            hint = fmt::format("Build {} again, with the SDK and the compiler of this dibs.", built);
        return Refusal{std::move(reason), std::move(hint)};
    };
    if (note.abi_major != own.abi_major)
        return refuse(fmt::format("it was built for plug-in ABI {}.{}, this dibs has {}.{}", note.abi_major,
                                  note.abi_minor, own.abi_major, own.abi_minor));
    if (note.abi_minor > own.abi_minor)
        return refuse(fmt::format("it was built for plug-in ABI {}.{}, this dibs has only {}.{}",
                                  note.abi_major, note.abi_minor, own.abi_major, own.abi_minor),
                      fmt::format("Use a newer dibs, or build {} with the SDK of this one.", built));
    if (note.kind != kind)
        return refuse(
            fmt::format("it is a {}, not a {}", note.kind.empty() ? "library of no kind" : note.kind, kind));
    if (first_word(note.standard_library) != first_word(own.standard_library) ||
        note.string_abi != own.string_abi)
        return refuse(
            fmt::format("it was built with another C++ standard library ({}, string ABI {}; this dibs: {}, "
                        "string ABI {})",
                        note.standard_library, note.string_abi, own.standard_library, own.string_abi));
    const bool same_compiler = first_word(note.compiler) == first_word(own.compiler);
    if (note.sanitizer != own.sanitizer && note.sanitizer != "none")
        return refuse(fmt::format("it was built with the sanitizer '{}', and this dibs {}", note.sanitizer,
                                  own.sanitizer == "none" ? "without one" : "with '" + own.sanitizer + "'"),
                      fmt::format("Build {} without the sanitizer, or dibs with it.", built));
    if (note.sanitizer != "none" && !same_compiler)
        return refuse(fmt::format("it was built with the sanitizer of {}, and this dibs with that of {}",
                                  note.compiler, own.compiler));
    return std::nullopt;
}

} // namespace dibs::plugin
