#!/usr/bin/env bash
# Note, source and exports survive what projects set: optimizers, unity builds, strict warnings.
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

warnings="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Werror"
check -DDIBS_PRECOMPILED_HEADER=OFF -DCMAKE_CXX_STANDARD=23 -DCMAKE_CXX_EXTENSIONS=OFF -DCMAKE_CXX_FLAGS="$warnings"

# dibs_add_migrations() takes the SDK for system headers; they have nothing to hide.
# shellcheck disable=SC2086
quietly "$compiler" -std=c++20 $warnings -fsyntax-only -I "$dibs/plugin-sdk/include" \
    migrations/m2026_01_24_120001_second.cpp
