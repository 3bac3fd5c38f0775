# Shared by the tests of this folder: a folder of their own, and words for what they check.
# Every script takes: <dibs source folder> <compiler> [<generator>]

set -euo pipefail
# The flags, the generator and the language of whoever runs the tests are not what is tested.
unset CXX CXXFLAGS LDFLAGS CMAKE_GENERATOR CMAKE_BUILD_TYPE CMAKE_CXX_COMPILER_LAUNCHER
export LC_ALL=C CCACHE_DISABLE=1

dibs=$1
compiler=${2:-}
generator=${3:-Ninja}
name=$(basename "$0" .sh)
work=$(mktemp -d "${TMPDIR:-/tmp}/dibs-$name.XXXXXX")
trap '[[ $? = 0 ]] || show_log; rm -rf "$work"' EXIT
cd "$work"
log=$work/log

show_log() {
    if [[ -f $log ]]; then
        echo "--- the last command's output:"
        tail -n 60 "$log"
    fi
}

fail() {
    echo "$name: $*" >&2
    exit 1
}

quietly() {
    "$@" >"$log" 2>&1 || fail "failed: $*"
}

refused() {
    ! "$@" >"$log" 2>&1 || fail "should have failed: $*"
}

# CMake breaks its messages into lines.
says() {
    tr -s ' \n' ' ' <"$log" | grep -qF -- "$1" || fail "does not say: $1"
}

# A correct migration. usage: migration <folder> <name> [SQL]
migration() {
    mkdir -p "$1"
    cat >"$1/$2.cpp" <<END
#include <dibs/migration.hpp>

DIBS_MIGRATION(.lock_timeout = "5s", .description = "made by a test");

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("${3:-SELECT 1}");
}
END
}

# A CMakeLists.txt that builds dibs's SDK with the project; its other lines come from standard input.
# usage: project [folder] <<<"dibs_add_migrations(DIRECTORY migrations)"
project() {
    local folder=${1:-.}
    mkdir -p "$folder"
    {
        echo 'cmake_minimum_required(VERSION 3.25)'
        echo 'project(app LANGUAGES CXX)'
        echo 'set(DIBS_BUILD_RUNNER OFF)'
        echo "add_subdirectory(\"$dibs\" dibs)"
        cat
    } >"$folder/CMakeLists.txt"
}

# usage: configure [-S folder] [-B folder] [-DNAME=VALUE...]; the defaults are the current folder and build
configure() {
    cmake -S . -B build -G "$generator" -DCMAKE_CXX_COMPILER="$compiler" "$@"
}

build() {
    cmake --build "${1:-build}" --parallel 2 "${@:2}"
}

# The library has all that the runner relies on. usage: is_migration <library> <source> [symbols]
is_migration() {
    [[ -f $1 ]] || fail "there is no $1"
    local exported
    exported=$(nm -D --defined-only "$1" | awk '{ print $NF }' | sort | paste -sd' ')
    [[ $exported = "${3:-migrate}" ]] || fail "$1 exports $exported"
    readelf -n "$1" | grep -q '^  dibs ' || fail "$1 has no note"
    objcopy --dump-section .note.dibs="$work/note" --dump-section .dibs.source="$work/source" "$1" "$work/copy.so"
    grep -qaxF "source=$(basename "$2")" "$work/note" || fail "the note of $1 names another source"
    cmp "$2" "$work/source" || fail "$1 has another source than $2"
}
