#!/usr/bin/env bash
# Each SQL migration of a folder, and the whole of them, is a difference that dibs's plans make, forth and back: what
# comes of it is held against pg_dump by tests/pairs.
# usage: steps.sh FOLDER --pairs PROGRAM [--setup FILE] [--replace TEXT WITH]...
#
# --pairs    the program of tests/pairs
# --setup    SQL that comes before the first migration
# --replace  literal text, in every file
# Exit code 77 when FOLDER is not there.
source "$(dirname "$0")/lib.sh"

while [ $# -gt 0 ]; do
    case $1 in
    --pairs) pairs=$2 && shift 2 ;;
    --setup) setup=$2 && shift 2 ;;
    --replace) replace+=("$1" "$2" "$3") && shift 3 ;;
    *) fail "unknown argument '$1'" ;;
    esac
done
need_folder

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
    # A file's last statement may lack its semicolon.
    { cat "$work/before" && replaced "$file" && printf '\n;\n'; } >"$work/after"
    pair "$(basename "$file" .sql)" "$work/before" "$work/after"
    mv "$work/after" "$work/before"
done < <("$here/wrap.sh" --list "$folder")
pair whole "$work/nothing" "$work/before"
"$pairs" "$work/cases"
