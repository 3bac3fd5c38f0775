#!/usr/bin/env bash
# Applies the SQL migrations of a folder twice, with psql and, wrapped and built, with dibs, and compares the schemas.
# usage: compare.sh FOLDER --dibs PROGRAM --server PROGRAM [--setup FILE] [--replace TEXT WITH]... [-- CMAKE_OPTION...]
#
# --dibs     the program to test
# --server   test_server of the same build tree
# --setup    SQL for both databases, before the first migration
# --replace  as wrap.sh takes it
# Exit code 77 when FOLDER is not there.
source "$(dirname "$0")/lib.sh"

while [ $# -gt 0 ] && [ "$1" != -- ]; do
    case $1 in
    --dibs) dibs=$2 && shift 2 ;;
    --server) server=$2 && shift 2 ;;
    --setup) setup=$2 && shift 2 ;;
    --replace) replace+=("$1" "$2" "$3") && shift 3 ;;
    *) fail "unknown argument '$1'" ;;
    esac
done
[ "${1:-}" = -- ] && shift
need_folder
folder=$(cd "$folder" && pwd)

{
    read -r bin
    read -r conninfo
} < <("$server" where)
for variable in "${!PG@}"; do
    unset "$variable"
done
unset DATABASE_URL
export PGCLIENTENCODING=UTF8

work=$(mktemp -d)
by_psql=test_$$_psql
by_dibs=test_$$_dibs
psql() { # DATABASE, options
    "$bin/psql" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=VERBOSITY=terse "${@:2}" "$conninfo dbname=$1"
}
finish() {
    for database in $by_psql $by_dibs; do
        psql dibs -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap finish EXIT

"$here/wrap.sh" "$folder" "$work/migrations" "${replace[@]}"
cat >"$work/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(realworld LANGUAGES CXX)
set(DIBS_BUILD_RUNNER OFF)
add_subdirectory("$(cd "$here/../.." && pwd)" dibs)
dibs_add_migrations(DIRECTORY migrations)
END
if ! { cmake -S "$work" -B "$work/build" "$@" && cmake --build "$work/build" -j "$(nproc)"; } >"$work/log" 2>&1; then
    cat "$work/log"
    fail "the wrapped migrations do not build"
fi

for database in $by_psql $by_dibs; do
    psql dibs -c "CREATE DATABASE $database TEMPLATE template0"
    [ -z "$setup" ] || psql "$database" --file="$setup"
done

# In the order of the wrapped files, each of which names its original.
while IFS= read -r file; do
    replaced "$file" >"$work/original.sql"
    psql $by_psql --single-transaction --output=/dev/null --file="$work/original.sql" 2>"$work/log" || {
        cat "$work/log" && echo
        fail "psql cannot apply $file"
    }
done < <("$here/wrap.sh" --list "$folder")

cd "$work"
"$dibs" migrate --quiet --dir build/migrations --database-url "$conninfo dbname=$by_dibs"
applied=$(psql $by_dibs --tuples-only --no-align -c "SELECT count(*) FROM _dibs_migrations")

for database in $by_psql $by_dibs; do
    # The keys of \restrict are made up anew by each call.
    "$bin/pg_dump" --schema-only --exclude-table='*._dibs_*' "$conninfo dbname=$database" |
        sed -E '/^\\(un)?restrict /d' >"$work/$database.sql"
done
if ! diff -u "$work/$by_psql.sql" "$work/$by_dibs.sql"; then
    fail "the schema that dibs made (+) is not the one that psql made (-)"
fi
echo "$applied migrations: the same schema as psql made, $(wc -l <"$work/$by_dibs.sql") lines of pg_dump"
