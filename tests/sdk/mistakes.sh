#!/usr/bin/env bash
# Builds every file in mistakes/ as a user would, and keeps what the compiler said of each for mistake.sh.
# usage: mistakes.sh <dibs source folder> <compiler> <folder for what it said>
said=$3
set -- "$1" "$2"
source "$(dirname "$0")/lib.sh"

mistakes=$dibs/tests/sdk/mistakes
project <<<"dibs_add_migrations(DIRECTORY \"$mistakes\" TARGET mistakes)"
quietly configure -DDIBS_MOLD=OFF # each linker has words of its own for what is not defined
build build -- -k 0 >"$log" 2>&1 || true

rm -rf "$said"
mkdir -p "$said"
# ninja prints a line "FAILED: <the file it wanted>", the command, then all that it said.
awk -v said="$said" '
    /^\[[0-9]+\/[0-9]+\]/ { file = "" }
    /^FAILED: / { match($0, /m[0-9_]+[a-z_]+/); file = said "/" substr($0, RSTART, RLENGTH); getline; next }
    file != "" { print > file }' "$log"
find build/mistakes -name '*.so' -exec basename {} .so \; >"$said/built"
