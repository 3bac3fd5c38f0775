#!/usr/bin/env bash
# What building 100 migrations of one statement costs, in CPU seconds (user + system, ninja and the links included;
# configuring is not). For g++ and clang++, in a temporary folder, without ccache.
# usage: bench/build_100.sh [-DNAME=VALUE...]    options for cmake, such as -DDIBS_PRECOMPILED_HEADER=OFF
set -euo pipefail

dibs=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CCACHE_DISABLE=1

mkdir "$work/migrations"
for number in $(seq -w 100); do
    cat >"$work/migrations/m2026_01_24_000${number}_create_table_$number.cpp" <<END
#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("CREATE TABLE table_$number (id bigint PRIMARY KEY, name text NOT NULL)");
}
END
done
cat >"$work/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(build_100 LANGUAGES CXX)
set(DIBS_BUILD_RUNNER OFF)
add_subdirectory("$dibs" dibs)
dibs_add_migrations(DIRECTORY migrations)
END

TIMEFORMAT='%U %S %R'
for compiler in g++ clang++; do
    command -v $compiler >/dev/null || continue
    build=$work/build-$compiler
    cmake -S "$work" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=$compiler -DCMAKE_CXX_COMPILER_LAUNCHER= "$@" >/dev/null
    spent=$( { time ninja -C "$build" >/dev/null; } 2>&1)
    built=$(find "$build/migrations" -name '*.so' | wc -l)
    size=$(find "$build/migrations" -name '*.so' -printf '%s\n' | awk '{ sum += $1 } END { print int(sum / NR) }')
    awk -v compiler=$compiler -v built="$built" -v size="$size" '{
        printf "%-8s %d libraries of %d bytes: %.1f CPU seconds, %.1f seconds on the clock\n", \
            compiler, built, size, $1 + $2, $3 }' <<<"$spent"
done
