#!/usr/bin/env bash
# The packages, made of a release build, are installed and used in a clean root (clean_root.sh, use.sh): first dibs with
# what it depends on, then both with all that writing migrations takes. The root is another process tree and file
# system, where root or a user may make these; where neither may, the packages go into a folder.
# usage: tests/package/installs.sh [CMAKE-ARGUMENT...]
set -euo pipefail
export LC_ALL=C CCACHE_SLOPPINESS=pch_defines,time_macros
unset CXX CXXFLAGS LDFLAGS CMAKE_GENERATOR CMAKE_BUILD_TYPE "${!PG@}" DATABASE_URL DIBS_ENV
here=$(dirname "$(realpath "$0")")
cd "$here/../.."

for program in dpkg dpkg-shlibdeps dpkg-deb; do
    command -v $program >/dev/null || {
        echo "skipped: there is no $program, and so no Debian package to be tried"
        exit 77
    }
done

work=$(mktemp -d /tmp/dibs-package.XXXXXX)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
fail() {
    echo "$*" >&2
    exit 1
}
quietly() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log"
        fail "failed: $*"
    }
}
stage() { printf '=== %s (%d s)\n' "$1" $SECONDS; }

stage 'release build'
quietly cmake --preset release -B build-package "$@"
quietly cmake --build build-package --target dibs dibs_runner
stage 'packages'
(cd build-package && quietly cpack -G DEB -B "$work/packages")
program=$(echo "$work"/packages/dibs_*.deb)
development=$(echo "$work"/packages/libdibs-dev_*.deb)
ls -sh "$program" "$development"
for file in "$program" "$development"; do
    dpkg-deb -x "$file" "$work/files"
done
! grep -rlF "$PWD/" "$work/files" || fail "these name a folder of this machine"

# What may be done here. A test of what will be done: a kernel, a container or a setting may refuse any of it.
namespaces=(unshare --mount --pid --fork --kill-child)
if ((EUID == 0)) && "${namespaces[@]}" --mount-proc true 2>/dev/null; then
    how='a root of its own'
elif "${namespaces[@]}" --user --map-root-user --mount-proc true 2>/dev/null; then
    namespaces+=(--user --map-root-user)
    how='a root of its own, of an account without rights'
else
    namespaces=()
    how='only a folder: neither root nor a user may make a root here, so the dependencies are not tried'
fi
echo "installed in: $how"

# usage: try WHAT DEPENDENCIES PACKAGE-FILE...
try() {
    stage "a root for: $1"
    "$here/clean_root.sh" "$work/debian" "$2"
    cp "$here/use.sh" "${@:3}" "$work/debian/tmp/"
    stage "use: $1"
    local names=("${@:3}")
    names=("${names[@]##*/}")
    if ((${#namespaces[@]} == 0)); then
        ROOT=$work/debian "$here/use.sh" "$1" "${@:3}"
        return
    fi
    "${namespaces[@]}" bash -euc '
        mount --bind "$0" "$0"
        cd "$0"
        mount -t proc proc proc
        mount -t tmpfs -o mode=755 tmpfs dev
        mkdir dev/shm
        ln -s /proc/self/fd dev/fd
        chmod 1777 dev/shm
        for device in null zero urandom; do
            : >dev/$device
            mount --bind /dev/$device dev/$device
        done
        mkdir -p old
        pivot_root . old
        umount -l old
        rmdir old
        ldconfig
        exec env -i PATH=/usr/sbin:/usr/bin bash /tmp/use.sh "$@"' "$work/debian" "$1" "${names[@]/#//tmp/}"
}
field() { dpkg-deb -f "$1" "$2"; }

mkdir "$work/debian" "$work/debian/tmp"
try program "$(field "$program" Depends)" "$program"
try development "$(field "$program" Depends), $(field "$development" Depends), $(field "$development" Recommends |
    sed 's/dibs ([^)]*), *//')" "$program" "$development"
stage 'done'
