#!/usr/bin/env bash
# What write_commit.cmake writes for `dibs --version`: git's commit, with or without changes; that of an archive that
# git made; and no other project's.
# usage: tests/package/commit.sh SOURCE
set -euo pipefail
export LC_ALL=C GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
unset "${!GIT_DIR@}" "${!GIT_WORK@}" "${!GIT_INDEX@}"
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.invalid GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.invalid
source=$(realpath "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/dibs-commit.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# usage: writes FOLDER "HASH", MODIFIED
writes() {
    cmake -D SOURCE="$work/$1" -D OUTPUT="$work/commit.cpp" -P "$source/runner/packaging/write_commit.cmake"
    grep -qF "commit{\"$2\", $3};" commit.cpp || {
        echo "$1: expected \"$2\", $3, and this was written:"
        cat commit.cpp
        exit 1
    } >&2
}

mkdir -p dibs/runner/packaging
cp "$source/.gitattributes" dibs/
cp "$source/runner/packaging/commit.txt" dibs/runner/packaging/
writes dibs "" false # a copy of the sources

git -c init.defaultBranch=main init -q dibs
writes dibs "" false # nothing is committed yet
git -C dibs add .
git -C dibs commit -qm first
hash=$(git -C dibs rev-parse HEAD)
writes dibs "$hash" false

touch -d '2 hours ago' commit.cpp
before=$(stat -c %Y commit.cpp)
touch dibs/.gitattributes # the same text
GIT_DIR=$work/elsewhere writes dibs "$hash" false
[[ $(stat -c %Y commit.cpp) = "$before" ]] || {
    echo "the file was written again, though nothing changed" >&2
    exit 1
}

mkdir archive
git -C dibs archive HEAD | tar -xf - -C archive
writes archive "$hash" false

echo '# changed' >>dibs/.gitattributes
writes dibs "$hash" true

# Copied into another project, whose commits are not dibs's.
mkdir -p dibs/vendored/runner/packaging
cp "$source/runner/packaging/commit.txt" dibs/vendored/runner/packaging/
writes dibs/vendored "" false
