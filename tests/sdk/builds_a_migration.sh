#!/usr/bin/env bash
# A correct migration builds, in the source tree of dibs, from a path that needs care, and has all the runner relies on.
source "$(dirname "$0")/lib.sh"

here="$work/mein Projekt äöü, x"
mkdir "$here"
cd "$here"
migration migrations m2026_01_24_120000_create_users
migration migrations m2026_01_24_120001_add_bio
cat >>migrations/m2026_01_24_120001_add_bio.cpp <<'END'

void rollback(dibs::MigrationContext& ctx) {
    ctx.execute("SELECT 'naïve'");
}
END
# clang++ 14 left to the linker what nobody defines, where a field's default was not a constant.
cat >migrations/m2026_01_24_120002_fill_bio.cpp <<'END'
#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false);

void migrate(dibs::MigrationContext& ctx) {
    ctx.backfill({.table = "users", .set = "bio = ''", .where = "bio IS NULL"});
    ctx.backfill({.table = "users", .set = "bio = ''", .where = "bio IS NULL", .name = "slowly", .batch_time = "1s"});
}
END
# dibs itself lies in such a path too.
ln -s "$dibs" "dibs, the source"
dibs="$here/dibs, the source" project <<<'dibs_add_migrations(DIRECTORY migrations)'

quietly configure -DCMAKE_CXX_FLAGS="-ffile-prefix-map=\"$here\"=/app -Wall -Wextra" -DCMAKE_CXX_EXTENSIONS=ON
quietly build
! grep -q warning: "$log" || fail "warns"
is_migration build/migrations/m2026_01_24_120000_create_users.so migrations/m2026_01_24_120000_create_users.cpp
is_migration build/migrations/m2026_01_24_120001_add_bio.so migrations/m2026_01_24_120001_add_bio.cpp "migrate rollback"
is_migration build/migrations/m2026_01_24_120002_fill_bio.so migrations/m2026_01_24_120002_fill_bio.cpp
! grep -qaF "$here" build/migrations/*.so || fail "-ffile-prefix-map is not heard: the library has the path in it"

# The source is in the library as it was built: a comment is enough to make it another one.
echo '// changed' >>migrations/m2026_01_24_120000_create_users.cpp
quietly build
is_migration build/migrations/m2026_01_24_120000_create_users.so migrations/m2026_01_24_120000_create_users.cpp
