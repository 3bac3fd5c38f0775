#!/usr/bin/env bash
# Installs packages, uses them as a user would, and removes them: nothing may be left. Runs where clean_root.sh made
# everything; with ROOT set it installs into that folder only, and uses the compiler and the server of this machine.
# usage: [ROOT=FOLDER] use.sh program|development PACKAGE-FILE...
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive CCACHE_DISABLE=1
root=${ROOT:-}
export PATH=$root/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin

fail() {
    echo "$*" >&2
    exit 1
}

# The program alone: with the libraries that its package asks for, and neither compiler nor server.
use_program() {
    if [[ -z $root ]] && command -v c++ cmake postgres; then
        fail "this root has more than the package asks for"
    fi
    dibs --help >/dev/null
    version=$(dibs --version)
    echo "$version"
    grep -qE '^  build type +Release$' <<<"$version" || fail "the packaged program is no release build"
}

type_in() {
    printf '%s$ %s\n' "${PWD##*/}" "$1"
    eval "$1"
}

# What the tutorial says; then an application of its own, linked with all that dibs::runner needs.
use_development() {
    type_in 'dibs init app'
    trap 'cd ~/app && dibs db stop >/dev/null 2>&1' EXIT # where it failed half-way
    cd app
    type_in 'dibs migrate'
    type_in 'dibs status --exit-code'
    type_in "dibs db psql -- -XAtc 'SELECT count(*) FROM users, _dibs_migrations'" | tee ../counted
    [[ $(tail -n 1 ../counted) = 0 ]] || fail "the migration's table is not there"
    type_in 'dibs db stop'

    mkdir ../own
    cd ../own
    cat >main.cpp <<'CPP'
#include <migration/executor.hpp>
int main() { return 0; }
CPP
    cat >CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(own LANGUAGES CXX)
find_package(dibs 0.1 REQUIRED COMPONENTS runner)
add_executable(own main.cpp)
target_link_libraries(own PRIVATE dibs::runner)
target_link_options(own PRIVATE -Wl,--whole-archive $<TARGET_FILE:dibs::runner> -Wl,--no-whole-archive)
CMAKE
    type_in "cmake -B build ${root:+-DCMAKE_PREFIX_PATH=$root/usr}" >log || fail "$(cat log)"
    type_in 'cmake --build build && build/own' >log || fail "$(cat log)"
}

# As an account without rights, as PostgreSQL wants it; in a folder that dibs, when it is root, gives to one.
as_user() {
    if [[ -n $root ]]; then
        "$@"
    elif [[ $(awk '{ print $3 }' /proc/self/uid_map) = 1 ]]; then
        unshare --user --map-user=1000 --map-group=1000 "$@" # from a namespace that has this one account
    else
        setpriv --reuid=1000 --regid=1000 --clear-groups "$@"
    fi
}

# Every file, but what dpkg and the loader write down for themselves.
everything() {
    find "$root/" -mindepth 1 \( -path "$root/proc" -o -path "$root/dev" -o -path "$root/tmp" -o -path "$root/home" -o \
        -path "$root/var/lib/dpkg" -o -path "$root/var/log" -o -path "$root/etc/ld.so.cache" -o \
        -path "$root/var/cache/ldconfig" \) -prune -o -printf '%P %y %l\n' | sort
}

if [[ $1 = as-user ]]; then
    cd "$HOME"
    "use_$2"
    exit
fi

installer=(dpkg)
[[ -z $root ]] || installer=(dpkg --root="$root" --log="$root/var/log/dpkg.log" --force-not-root --force-script-chrootless)
names=()
for file in "${@:2}"; do
    names+=("$(dpkg-deb -f "$file" Package)")
done
everything >"$root/tmp/before"
"${installer[@]}" --install "${@:2}"
home=$(mktemp -d "${root:-/home}${root:+/tmp}/someone.XXXXXX")
chmod 755 "$home"
[[ -n $root ]] || as_user test -w "$home" || chown 1000:1000 "$home"
as_user env HOME="$home" bash "$0" as-user "$1"
rm -rf "$home"
"${installer[@]}" --purge "${names[@]}"
everything >"$root/tmp/after"
diff "$root/tmp/before" "$root/tmp/after" || fail "removing ${names[*]} left this, or took it away"
