#pragma once

/// What a migration includes. A migration is one source file, built by dibs_add_migrations():
///
///     #include <dibs/migration.hpp>
///
///     DIBS_MIGRATION();
///
///     void migrate(dibs::MigrationContext& ctx) {
///         ctx.execute("ALTER TABLE users ADD COLUMN bio TEXT");
///     }
///
/// Its other functions are static or in an unnamed namespace, and used: a migrate() that nobody would find is
/// a build error. A helper in a file of its own that only takes a MigrationContext& includes
/// <dibs/context.hpp> instead.

#include <dibs/context.hpp>
#include <dibs/note.hpp>

extern "C" {

/// Yours to define, in the global namespace and with this very signature; it may throw.
DIBS_API void migrate(dibs::MigrationContext& context);

/// Optional: undoes migrate().
DIBS_API void rollback(dibs::MigrationContext& context);

/// Defined by DIBS_MIGRATION(); each file that includes this header needs it, so a forgotten macro does not
/// link.
[[gnu::visibility("hidden")]] extern void (*const DIBS_MIGRATION_is_missing_from_this_file)(
    dibs::MigrationContext&);
}

namespace dibs {
inline namespace abi_v1 {
namespace detail {
[[gnu::used]] static void (*const* const declared)(MigrationContext&) =
    &::DIBS_MIGRATION_is_missing_from_this_file;
} // namespace detail
} // namespace abi_v1
} // namespace dibs

/// Declares the file a migration. Options by name: DIBS_MIGRATION(.lock_timeout = "5s"); see dibs::Options.
///
/// It takes migrate()'s address (so the linker misses it when it is not there, or has another signature),
/// puts the note `.note.dibs` into the library, and the text of this very file into its section
/// `.dibs.source`. The directive stays in plain sight of ccache, which does not cache what it includes.
#define DIBS_MIGRATION(...)                                                                                  \
    extern "C" void (*const DIBS_MIGRATION_is_missing_from_this_file)(dibs::MigrationContext&) = &::migrate; \
    namespace {                                                                                              \
    constexpr dibs::Options dibs_options_{__VA_ARGS__};                                                      \
    [[                                                                                                       \
        gnu::used, gnu::section(".note.dibs"), gnu::aligned(4) DIBS_NO_RED_ZONE_                             \
    ]] constexpr dibs::detail::Note<dibs::detail::note_size(dibs_options_, __FILE_NAME__)>                   \
        dibs_note_{dibs_options_, __FILE_NAME__};                                                            \
    }                                                                                                        \
    __asm__(".pushsection .dibs.source,\"aR\",@progbits\n\t.incbin \"" __FILE_NAME__ "\"\n\t.popsection")
