#!/usr/bin/env bash
# Note, source and exports survive what projects set: optimizers, linkers, unity builds, strict warnings.
source "$(dirname "$0")/lib.sh"

migration migrations m2026_01_24_120000_first
cat >migrations/m2026_01_24_120001_second.cpp <<'END'
#include <dibs/migration.hpp>

#include <optional>
#include <string>
#include <vector>

DIBS_MIGRATION(.transaction = false);

void migrate(dibs::MigrationContext& ctx) {
    const auto rows = ctx.query("SELECT id, name, picture, tags FROM users WHERE id > $1", 7);
    for (const auto row : rows) {
        const auto name = row.get<std::optional<std::string>>("name");
        ctx.execute("UPDATE users SET name = $1, picture = $2, tags = $3 WHERE id = $4", name,
                    row.get<std::vector<std::byte>>("picture"), row.get<std::vector<std::string>>("tags"),
                    row.get<int>("id"));
    }
    ctx.savepoint([&] { ctx.execute("SELECT 1"); });
    ctx.log("done");
}
END
project <<<'dibs_add_migrations(DIRECTORY migrations)'

check() {
    rm -rf build
    quietly configure "$@"
    quietly build
    for migration in m2026_01_24_120000_first m2026_01_24_120001_second; do
        is_migration build/migrations/$migration.so migrations/$migration.cpp
    done
}

check -DCMAKE_BUILD_TYPE=Release -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON -DCMAKE_UNITY_BUILD=ON \
    -DCMAKE_CXX_FLAGS=-flto -DCMAKE_CXX_STANDARD=17 -DCMAKE_CXX_VISIBILITY_PRESET=default \
    -DCMAKE_MODULE_LINKER_FLAGS="-Wl,--gc-sections -s"

# Without the precompiled header the SDK's own headers meet the project's warnings.
check -DDIBS_PRECOMPILED_HEADER=OFF -DCMAKE_CXX_STANDARD=23 -DCMAKE_CXX_EXTENSIONS=OFF \
    -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Werror"

for linker in gold lld mold; do
    if "$compiler" -fuse-ld=$linker -Wl,--version >/dev/null 2>&1; then
        check -DCMAKE_MODULE_LINKER_FLAGS="-fuse-ld=$linker -Wl,--gc-sections"
    fi
done
