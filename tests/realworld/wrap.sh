#!/usr/bin/env bash
# Writes each SQL migration of a folder as a dibs migration.
# usage: wrap.sh FOLDER OUT [--replace TEXT WITH]...
#        wrap.sh --list FOLDER    prints the files that it would take, in order
#
# Takes the *.up.sql files of FOLDER, or every *.sql but *.down.sql where there are none, in the natural order of their
# names (2_b before 10_a). OUT, which must be empty, gets m2000_01_01_<number>_<name>.cpp: the originals' timestamps may
# be no times at all. --replace is for templates and takes literal text. What is in a file reaches the server byte by
# byte; what only psql can do (\commands, COPY FROM STDIN) is refused, and so is what PostgreSQL takes from nobody
# (zero bytes, text that is not UTF-8).
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "wrap.sh: $*" >&2
    exit 1
}

[ $# -ge 2 ] || fail "usage: wrap.sh FOLDER OUT [--replace TEXT WITH]..."
if [ "$1" = --list ]; then
    folder=$2
    out=
else
    folder=$1
    out=$2
fi
shift 2
replacements=0
while [ $# -gt 0 ]; do
    if [ "$1" != --replace ] || [ $# -lt 3 ] || [ -z "$2" ]; then
        fail "expected --replace TEXT WITH, not '$1'"
    fi
    replacements=$((replacements + 1))
    export "replace_${replacements}_from=$2" "replace_${replacements}_to=$3"
    shift 3
done

[ -d "$folder" ] || fail "$folder is not a folder"
mapfile -d '' -t files < <(find "$folder" -maxdepth 1 -name '*.up.sql' -print0 | sort -zV)
if [ ${#files[@]} = 0 ]; then
    mapfile -d '' -t files < <(find "$folder" -maxdepth 1 -name '*.sql' ! -name '*.down.sql' -print0 | sort -zV)
fi
[ ${#files[@]} -gt 0 ] || fail "no SQL files in $folder"
[ ${#files[@]} -lt 86400 ] || fail "more files in $folder than a day has seconds"
if [ -z "$out" ]; then
    printf '%s\n' "${files[@]}"
    exit
fi

mkdir -p "$out"
[ -z "$(ls -A "$out")" ] || fail "$out is not empty"
number=0
for file in "${files[@]}"; do
    [ "$(tr -dc '\000' <"$file" | wc -c)" = 0 ] || fail "$file holds a zero byte"
    iconv -f UTF-8 -t UTF-8 "$file" >/dev/null 2>&1 || fail "$file is not UTF-8"
    number=$((number + 1))
    name=$(basename "$file" .sql)
    name=${name%.up}
    name=${name//[^A-Za-z0-9_]/_}
    printf -v stem 'm2000_01_01_%02d%02d%02d_%.100s' $((number / 3600)) $((number / 60 % 60)) $((number % 60)) "$name"
    file=$file awk -f "$here/wrap.awk" <"$file" >"$out/$stem.cpp" || fail "$file cannot be wrapped"
done
echo "$number migrations in $out"
