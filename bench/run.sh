#!/usr/bin/env bash
# What dibs costs, each figure beside that of the least a program on libpq could do (bench/floor.cpp), measured in turns
# in the same run on a private server with PostgreSQL's default settings but autovacuum. Medians; wall and CPU are of
# whole processes.
# usage: bench/run.sh [--check] [--rounds N]
#
# --check   exit code 1 when a target is missed
# --rounds  of the runs that apply 1,000 migrations, 5 without it; those that apply nothing have six times as many
# Builds in build-bench, which it keeps: the first run takes some minutes, for the 1,000 migrations.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
check=
rounds=5
while [ $# -gt 0 ]; do
    case $1 in
    --check) check=1 && shift ;;
    --rounds) rounds=$2 && shift 2 ;;
    *) echo "usage: bench/run.sh [--check] [--rounds N]" >&2 && exit 2 ;;
    esac
done
count=1000

source "$root/bench/lib.sh"
build_dibs bench_floor bench_measure

# The project that is measured: 1,000 migrations of one statement, with sources, libraries and a dibs.yaml.
project=$build/project
mkdir -p "$project/migrations" "$project/none/build/migrations" "$project/none/migrations"
for ((i = 0; i < count; i++)); do
    printf -v source '%s/migrations/m2026_01_24_%02d%02d%02d_create_t%d.cpp' "$project" $((i / 3600)) $((i / 60 % 60)) \
        $((i % 60)) "$i"
    [ -e "$source" ] || cat >"$source" <<END
#include <dibs/migration.hpp>

DIBS_MIGRATION();

void migrate(dibs::MigrationContext& ctx) {
    ctx.execute("CREATE TABLE t$i (id bigint PRIMARY KEY, name text NOT NULL, qty integer DEFAULT 0, "
                "created_at timestamptz DEFAULT now(), note text)");
}
END
done
cat >"$project/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(bench LANGUAGES CXX)
set(DIBS_BUILD_RUNNER OFF)
add_subdirectory("$root" dibs)
dibs_add_migrations(DIRECTORY migrations)
END
# shellcheck disable=SC2016 # dibs expands it
echo 'database: ${DATABASE_URL}' | tee "$project/dibs.yaml" >"$project/none/dibs.yaml"
say "building $count migrations"
quietly cmake -S "$project" -B "$project/build" -G Ninja -DCMAKE_BUILD_TYPE=Release
quietly cmake --build "$project/build"

start_server
# It would work on the databases of earlier rounds, a second process beside those that are measured.
sql dibs "ALTER SYSTEM SET autovacuum = off"
sql dibs "SELECT pg_reload_conf()" >/dev/null

# None is dropped before the end: ext4 is slow to make files where thousands were just removed, by half a millisecond a
# table (it does not use their inodes again for some seconds).
new_database() {
    sql dibs "CREATE DATABASE $1 TEMPLATE template0"
    sql "$1" "CREATE TABLE _dibs_migrations (version text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
    sql dibs CHECKPOINT
}

rm -f "$build"/sample.*
measure() { # NAME FOLDER PROGRAM...: one sample more
    local name=$1 folder=$2
    shift 2
    if ! (cd "$folder" && "$build/bench/bench_measure" "$build/out.$name" "$@") >>"$build/sample.$name" 2>"$build/log"; then
        cat "$build/log" >&2
        exit 1
    fi
}

floor() { # NAME DATABASE FOLDER check|apply
    measure "$1" "$3" "$build/bench/bench_floor" "$4" "$conninfo dbname=$2" "$3/build/migrations"
}

dibs() { # NAME DATABASE FOLDER
    DATABASE_URL="$conninfo dbname=$2" measure "$1" "$3" "$build/dibs" migrate --json
}

say "applying $count migrations, $rounds times"
by_floor() {
    new_database "by_floor_$1"
    floor floor_pending "by_floor_$1" "$project" apply
}
by_dibs() {
    new_database "by_dibs_$1"
    dibs dibs_pending "by_dibs_$1" "$project"
}
# A migration's parts differ by less than two runs of the same program do: they are sent in turns in one run.
by_turns() {
    new_database "by_turns_$1"
    (cd "$project" && DATABASE_URL="$conninfo dbname=by_turns_$1" quietly "$build/dibs" migrate \
        --to 2026_01_24_000000-create_t0) # makes dibs's tables
    "$build/bench/bench_floor" turns "$conninfo dbname=by_turns_$1" "$project/build/migrations" >>"$build/sample.turns"
}
turns=(by_floor by_dibs by_turns)
for ((round = 0; round < rounds; round++)); do
    for ((turn = 0; turn < ${#turns[@]}; turn++)); do # each begins as often as the others
        "${turns[(round + turn) % ${#turns[@]}]}" "$round"
    done
    for database in "${turns[@]/%/_$round}"; do
        applied=$(sql "$database" "SELECT count(*) FROM _dibs_migrations")
        [ "$applied" = $count ] || { say "$applied migrations are applied, not $count" && exit 1; }
    done
done
round_trips=$(grep -o '"round_trips": *[0-9]*' "$build/out.dibs_pending" | grep -o '[0-9]*$')

say "applying nothing, $((6 * rounds)) times"
new_database by_dibs_none
(cd "$project/none" && DATABASE_URL="$conninfo dbname=by_dibs_none" quietly "$build/dibs" migrate)
for ((round = 0; round < 6 * rounds; round++)); do
    floor floor_none by_dibs_none "$project/none" check
    dibs dibs_none by_dibs_none "$project/none"
    floor floor_all by_dibs_0 "$project" check
    dibs dibs_all by_dibs_0 "$project"
done

median() { # SAMPLE COLUMN
    sort -g -k "$2,$2" "$build/sample.$1" | awk -v column="$2" '{ value[NR] = $column }
        END { printf "%.2f", (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}

missed=0
row() { # TEXT UNIT DIBS FLOOR LIMIT; no floor: the limit is for the figure itself
    local verdict ratio
    ratio=$(awk -v dibs="$3" -v floor="${4:-1}" 'BEGIN { printf "%.2f", dibs / floor }')
    verdict=$(awk -v ratio="$ratio" -v limit="$5" 'BEGIN { print ratio <= limit ? "ok" : "MISSED" }')
    [ "$verdict" = ok ] || missed=1
    if [ -n "$4" ]; then
        printf '%-44s %10s %10s %8s %8s  %s\n' "$1, $2" "$3" "$4" "$ratio x" "$5 x" "$verdict"
    else
        printf '%-44s %10s %10s %8s %8s  %s\n' "$1, $2" "$3" "" "" "$5" "$verdict"
    fi
}

printf '%-44s %10s %10s %8s %8s\n' "" dibs floor ratio target
row "nothing to do, 0 applied" "wall ms" "$(median dibs_none 1)" "$(median floor_none 1)" 1.5
printf '%-44s %10s %10s\n' "nothing to do, 0 applied, CPU ms" "$(median dibs_none 2)" "$(median floor_none 2)"
row "nothing to do, $count applied" "wall ms" "$(median dibs_all 1)" "$(median floor_all 1)" 1.5
printf '%-44s %10s %10s\n' "nothing to do, $count applied, CPU ms" "$(median dibs_all 2)" "$(median floor_all 2)"
row "$count pending" "wall ms" "$(median dibs_pending 1)" "$(median floor_pending 1)" 1.15
part() { # TEXT COLUMN, of sample.turns: without a target
    printf '%-44s %10s %10s %8s\n' "$1, wall ms" "$(median turns "$2")" "$(median turns 1)" \
        "$(awk -v part="$(median turns "$2")" -v floor="$(median turns 1)" 'BEGIN { printf "%.2f x", part / floor }')"
}
part "  one, without dibs, in two messages" 2
part "  one, without dibs, in dibs's messages" 3
printf '%-44s %10s %10s\n' "$count pending, CPU ms" "$(median dibs_pending 2)" "$(median floor_pending 2)"
row "largest process, $count applied" "MiB" "$(median dibs_all 3)" "" 30
row "largest process (runner or worker), $count pending" "MiB" "$(median dibs_pending 3)" "" 30
# What a run needs besides (connecting, reading the history, the lock) is less than one for every ten migrations.
row "round trips a migration" "$round_trips in all" \
    "$(awk -v all="$round_trips" -v count=$count 'BEGIN { printf "%.2f", all / count }')" "" 2.1
[ -z "$check" ] || exit $missed
