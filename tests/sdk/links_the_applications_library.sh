#!/usr/bin/env bash
# Migrations call the application's own libraries, with their definitions and headers, and show nothing of them.
source "$(dirname "$0")/lib.sh"

mkdir app include
cat >app/names.hpp <<'END'
#pragma once
#include <string>
#if !defined(NAMES_IN_USE)
#error "the definitions of the library do not arrive"
#endif
std::string normalised(const std::string& name);
END
cat >app/names.cpp <<'END'
#include "names.hpp"
std::string normalised(const std::string& name) { return name.empty() ? "nobody" : name; }
END
echo 'int seven() { return 7; }' >app/shared.cpp
echo 'int seven();' >include/seven.hpp
migration migrations m2026_01_24_120000_first
cat >migrations/m2026_01_24_120001_names.cpp <<'END'
#include <dibs/migration.hpp>
#include <names.hpp>
#include <seven.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("INSERT INTO users VALUES ($1, $2)", normalised(""), seven());
}
END
project <<'END'
add_library(names STATIC app/names.cpp)
set_target_properties(names PROPERTIES POSITION_INDEPENDENT_CODE ON)
target_include_directories(names PUBLIC app)
target_compile_definitions(names PUBLIC NAMES_IN_USE=1)
add_library(seven SHARED app/shared.cpp)
dibs_add_migrations(DIRECTORY migrations LINK_LIBRARIES names seven INCLUDE_DIRECTORIES include)
END
quietly configure
quietly build
for migration in m2026_01_24_120000_first m2026_01_24_120001_names; do
    is_migration build/migrations/$migration.so migrations/$migration.cpp
done

needed() {
    readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | paste -sd' '
}
[[ $(needed build/migrations/m2026_01_24_120001_names.so) = *libseven.so* ]] || fail "is not linked with the library"
[[ $(needed build/migrations/m2026_01_24_120000_first.so) != *libseven.so* ]] || fail "needs a library it does not call"
