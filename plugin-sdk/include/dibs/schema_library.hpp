#pragma once

// The file that dibs_add_schema() adds to a schema's files: it makes a library of them that dibs knows.

#include <algorithm>
#include <string_view>
#include <vector>

#include <dibs/abi.hpp>
#include <dibs/note.hpp>
#include <dibs/schema.hpp>

extern "C" {

/// Says all that is in the library, in the order of files and lines. What the author's code throws goes on.
DIBS_API void dibs_describe_schema(dibs::SchemaSink& sink);
}

namespace dibs {
inline namespace abi_v1 {
namespace detail {

inline void describe_all(SchemaSink& sink) {
    std::vector<const Registration*> all;
    for (const Registration* at = Registration::first; at != nullptr; at = at->next)
        all.push_back(at);
    std::sort(all.begin(), all.end(), [](const Registration* a, const Registration* b) {
        const int files = std::string_view(a->where.file).compare(b->where.file);
        return files != 0 ? files < 0 : a->where.line < b->where.line;
    });
    for (const Registration* const registration : all)
        registration->describe(*registration, sink);
}

} // namespace detail
} // namespace abi_v1
} // namespace dibs

/// @param folder the name of the folder that the schema's files are in
#define DIBS_SCHEMA_LIBRARY(folder)                                                                          \
    void dibs_describe_schema(dibs::SchemaSink& sink) {                                                      \
        dibs::detail::describe_all(sink);                                                                    \
    }                                                                                                        \
    namespace {                                                                                              \
    [[                                                                                                       \
        gnu::used, gnu::section(".note.dibs"), gnu::aligned(4) DIBS_NO_RED_ZONE_                             \
    ]] constexpr dibs::detail::Note<dibs::detail::note_size(std::string_view("schema"), folder)>             \
        dibs_note_{std::string_view("schema"), folder};                                                      \
    }                                                                                                        \
    static_assert(true)
