#!/usr/bin/env bash
# ctx.backfill() against what it takes the place of: a single UPDATE, and a loop of UPDATE ... WHERE id IN (SELECT ... LIMIT),
# measured in turns in the same run on a private server with PostgreSQL's default settings; then what other sessions on the
# same table feel of it. Medians of whole processes; the table is made anew for each.
# usage: bench/backfill.sh [--rounds N] [--rows N]
#
# --rounds  3 without it
# --rows    of the table in the comparison, 1,000,000 without it; 100,000 and 5,000,000 are measured besides
# Builds in build-bench, which it keeps.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
rounds=3
rows=1000000
while [ $# -gt 0 ]; do
    case $1 in
    --rounds) rounds=$2 && shift 2 ;;
    --rows) rows=$2 && shift 2 ;;
    *) echo "usage: bench/backfill.sh [--rounds N] [--rows N]" >&2 && exit 2 ;;
    esac
done

source "$root/bench/lib.sh"
build_dibs

project=$build/backfill
change='bio = '"'No bio yet'"
migration() { # NAME BODY
    mkdir -p "$project/$1/migrations"
    cat >"$project/$1/migrations/m2026_01_24_000000_fill.cpp" <<END
#include <dibs/migration.hpp>

DIBS_MIGRATION(.transaction = false);

void migrate(dibs::MigrationContext& ctx) {
    $2
}
END
    # shellcheck disable=SC2016 # dibs expands it
    echo 'database: ${DATABASE_URL}' >"$project/$1/dibs.yaml"
    echo "dibs_add_migrations(DIRECTORY $1/migrations TARGET $1 OUTPUT_DIRECTORY \"$project/$1/build/migrations\")" >>"$project/CMakeLists.txt"
}
mkdir -p "$project"
cat >"$project/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(bench_backfill LANGUAGES CXX)
set(DIBS_BUILD_RUNNER OFF)
add_subdirectory("$root" dibs)
END
migration one "ctx.backfill({.table = \"users\", .set = \"$change\", .where = \"bio IS NULL\"});"
migration two "ctx.backfill({.table = \"users\", .set = \"$change\", .where = \"bio IS NULL\", .workers = 2});"
migration loop "while (ctx.execute(\"UPDATE users SET $change WHERE id IN (SELECT id FROM users WHERE bio IS NULL LIMIT 5000)\") > 0) {}"
quietly cmake -S "$project" -B "$project/build" -G Ninja -DCMAKE_BUILD_TYPE=Release
quietly cmake --build "$project/build"

start_server
database="$conninfo dbname=backfill"

new_table() { # ROWS
    sql dibs "DROP DATABASE IF EXISTS backfill" 2>/dev/null
    sql dibs "CREATE DATABASE backfill TEMPLATE template0"
    sql backfill "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, bio text)"
    sql backfill "INSERT INTO users SELECT i, 'user' || i || '@example.org', NULL FROM generate_series(1, $1) i"
    sql backfill "VACUUM (FREEZE, ANALYZE) users"
    sql dibs CHECKPOINT
}

change_all() { # single|loop|one|two
    if [ "$1" = single ]; then
        sql backfill "UPDATE users SET $change WHERE bio IS NULL"
    elif ! (cd "$project/$1" && DATABASE_URL="$database" "$build/dibs" migrate) >"$build/log" 2>&1; then
        cat "$build/log" >&2
        exit 1
    fi
}

median() { sort -n | awk '{ each[NR] = $1 } END { print each[int((NR + 1) / 2)] }'; }

rows_per_second() { # HOW ROWS
    local begun ended
    new_table "$2"
    begun=$(date +%s%N)
    change_all "$1"
    ended=$(date +%s%N)
    [ "$(sql backfill "SELECT count(*) FROM users WHERE bio IS NULL")" = 0 ] || { say "$1 left rows out" && exit 1; }
    echo $(($2 * 1000000000 / (ended - begun)))
}

rm -f "$build"/rate.*
say "changing $rows rows, $rounds times"
rows_per_second single "$rows" >/dev/null # the first on a new server is slower: it makes the files of its log
for ((round = 0; round < rounds; round++)); do
    for how in single one two loop; do
        rows_per_second $how "$rows" >>"$build/rate.$how"
    done
done
say "changing 100,000 and 5,000,000 rows, $rounds times"
for ((round = 0; round < rounds; round++)); do
    for size in 100000 5000000; do
        for how in single one; do
            rows_per_second $how $size >>"$build/rate.$how.$size"
        done
    done
done
single=$(median <"$build/rate.single")
line() { # LABEL FILE OF
    local rate
    rate=$(median <"$build/rate.$2")
    printf '%-44s %9d rows/s %6s x\n' "$1" "$rate" "$(awk "BEGIN { printf \"%.2f\", $rate / $3 }")"
}
line "single UPDATE, $rows rows" single "$single"
line "ctx.backfill, 1 worker (wanted: 0.9)" one "$single"
line "ctx.backfill, 2 workers (wanted: 1.3)" two "$single"
line "loop of WHERE id IN (SELECT ... LIMIT 5000)" loop "$single"
one=$(median <"$build/rate.one")
for size in 100000 5000000; do
    line "ctx.backfill, 1 worker, $size rows, of $rows" one.$size "$one"
    line "single UPDATE, $size rows, of $rows" single.$size "$single"
done

# Four sessions that read a row and write it, at a fixed rate that leaves the machine time; what counts is when the change runs.
cat >"$build/clients.sql" <<END
\set id random(1, $rows)
SELECT bio FROM users WHERE id = :id;
UPDATE users SET email = email WHERE id = :id;
END
felt() { # LABEL HOW
    local begun ended
    new_table "$rows"
    rm -f "$build"/latency.*
    "$bin/pgbench" --no-vacuum --client=4 --rate=200 --time=30 --file="$build/clients.sql" --log --log-prefix="$build/latency" \
        "$database" >"$build/log" 2>&1 &
    local clients=$!
    sleep 2
    begun=$(date +%s%N)
    if [ "$2" = nothing ]; then sleep 10; else change_all "$2"; fi
    ended=$(date +%s%N)
    wait $clients # to its own end: what it has logged is written then
    # The columns: client, transaction, time in us with the schedule's lag, file, seconds, microseconds, lag.
    cat "$build"/latency.* | awk -v from=$((begun / 1000)) -v to=$((ended / 1000 + 1000000)) '
        { at = $5 * 1000000 + $6 } at >= from && at <= to { print $3 }' | sort -n >"$build/latencies"
    awk -v label="$1" '{ each[NR] = $1 / 1000 } END {
        printf "%-44s p99 %8.1f ms, max %8.1f ms, %d transactions\n", label, each[int(NR * 0.99)], each[NR], NR }' "$build/latencies"
}
say "what others feel of it"
felt "pgbench, nothing beside it" nothing
felt "pgbench, ctx.backfill with 1 worker" one
felt "pgbench, a single UPDATE" single
