#!/usr/bin/env bash
# Installs packages, uses them as a user would, and removes them: nothing may be left. Runs where clean_root.sh made
# everything; with ROOT set it installs into that folder only, and uses the compiler and the server of this machine.
# usage: [ROOT=FOLDER] use.sh program|development PACKAGE-FILE...
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
root=${ROOT:-}
what=$1
packages=("${@:2}")
export PATH=$root/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin

fail() {
    echo "$*" >&2
    exit 1
}

installer=(dpkg)
[[ -z $root ]] || installer=(dpkg --root="$root" --force-not-root --force-script-chrootless)

# Every file, but what dpkg and the loader write down for themselves.
everything() {
    find "$root/" -mindepth 1 \( -path "$root/proc" -o -path "$root/dev" -o -path "$root/tmp" -o -path "$root/home" -o \
        -path "$root/var/lib/dpkg" -o -path "$root/var/log" -o -path "$root/etc/ld.so.cache" -o \
        -path "$root/var/cache/ldconfig" \) -prune -o -printf '%P %y %l\n' | sort
}

# As an account without rights, as PostgreSQL wants it.
as_user() {
    if [[ -n $root ]]; then
        "$@" # dibs, run by root, gives the server to an account of this machine's
    elif [[ $(awk '{ print $3 }' /proc/self/uid_map) = 1 ]]; then
        unshare --user --map-user=1000 --map-group=1000 "$@" # of a namespace in which this is the only account
    else
        setpriv --reuid=1000 --regid=1000 --clear-groups "$@"
    fi
}

# The program alone: with the libraries that its package asks for, and neither compiler nor server.
use_program() {
    [[ -n $root ]] || ! command -v c++ postgres >/dev/null || fail "this root has more than the package asks for"
    dibs --version >/tmp/dibs-version
    cat /tmp/dibs-version
    grep -qE '^  build type +Release$' /tmp/dibs-version || fail "the packaged program is no release build"
    rm /tmp/dibs-version
    dibs --help >/dev/null
    ! readelf --version >/dev/null 2>&1 || ! readelf -SW "$(command -v dibs)" | grep -q '\.symtab' || fail "it is not stripped"
}

# usage: type_in FOLDER COMMAND
type_in() {
    printf '%s$ %s\n' "${1##*/}" "$2"
    as_user env HOME="$home" CCACHE_DISABLE=1 bash -c "cd '$1' && $2"
}

use_development() {
    home=$(mktemp -d "${root:+/tmp}${root:-/home}/someone.XXXXXX")
    [[ -n $root ]] || chown 1000:1000 "$home" 2>/dev/null || true
    chmod 755 "$home"
    type_in "$home" 'dibs init app'
    type_in "$home/app" 'dibs migrate'
    type_in "$home/app" 'dibs status --exit-code'
    type_in "$home/app" 'dibs db psql -- -XAtc "SELECT count(*) FROM users, _dibs_migrations"' | tee "$home/counted"
    [[ $(tail -n 1 "$home/counted") = 0 ]] || fail "the migration's table is not there"
    type_in "$home/app" 'dibs db stop'
    use_runner
    rm -rf "$home"
}

# An application that migrates from its own process links all that dibs::runner needs.
use_runner() {
    mkdir "$home/own"
    cat >"$home/own/main.cpp" <<'CPP'
#include <migration/executor.hpp>
#include <report/failure.hpp>
int main() { return 0; }
CPP
    cat >"$home/own/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(own LANGUAGES CXX)
find_package(dibs 0.1 REQUIRED COMPONENTS runner)
add_executable(own main.cpp)
target_link_libraries(own PRIVATE dibs::runner)
target_link_options(own PRIVATE -Wl,--whole-archive $<TARGET_FILE:dibs::runner> -Wl,--no-whole-archive)
CMAKE
    [[ -n $root ]] || chown -R 1000:1000 "$home/own" 2>/dev/null || true
    type_in "$home/own" "cmake -B build -G Ninja ${root:+-DCMAKE_PREFIX_PATH=$root/usr} >log && cmake --build build >>log && build/own ||
        { cat log; exit 1; }"
}

everything >"$root/tmp/before"
"${installer[@]}" --install "${packages[@]}"
"use_$what"
mapfile -t names < <(for file in "${packages[@]}"; do dpkg-deb -f "$file" Package; done)
"${installer[@]}" --purge "${names[@]}"
everything >"$root/tmp/after"
diff "$root/tmp/before" "$root/tmp/after" || fail "removing ${names[*]} left this"
