#!/usr/bin/env bash
# Each SQL migration of a folder, and the whole of them, is a difference that dibs's plans make, forth and back: what
# comes of it is held against pg_dump by tests/pairs.
# usage: steps.sh FOLDER --pairs PROGRAM [--setup FILE] [--replace TEXT WITH]...
#
# --pairs    the program of tests/pairs
# --setup    SQL that comes before the first migration
# --replace  literal text, in every file
# Exit code 77 when FOLDER is not there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "steps.sh: $*" >&2
    exit 1
}

[ $# -ge 1 ] || fail "the folder is missing; see the beginning of $0"
folder=$1
shift
setup=
replace=()
while [ $# -gt 0 ]; do
    case $1 in
    --pairs) pairs=$2 && shift 2 ;;
    --setup) setup=$2 && shift 2 ;;
    --replace) replace+=("$2" "$3") && shift 3 ;;
    *) fail "unknown argument '$1'" ;;
    esac
done
if [ ! -d "$folder" ]; then
    echo "skipped: there is no folder $folder (give another with -DDIBS_REALWORLD_DIR=...)"
    exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/cases"
pair() { # NAME FROM TO
    { cat "$2" && echo "-- becomes" && cat "$3"; } >"$work/cases/$1.sql"
    { cat "$3" && echo "-- becomes" && cat "$2"; } >"$work/cases/$1_back.sql"
}

cat ${setup:+"$setup"} </dev/null >"$work/nothing"
cp "$work/nothing" "$work/before"
while IFS= read -r file; do
    text=$(cat "$file")
    for ((i = 0; i < ${#replace[@]}; i += 2)); do
        text=${text//"${replace[i]}"/"${replace[i + 1]}"}
    done
    # A file's last statement may lack its semicolon.
    { cat "$work/before" && printf '%s\n;\n' "$text"; } >"$work/after"
    pair "$(basename "$file" .sql)" "$work/before" "$work/after"
    mv "$work/after" "$work/before"
done < <("$here/wrap.sh" --list "$folder")
pair whole "$work/nothing" "$work/before"
"$pairs" "$work/cases"
