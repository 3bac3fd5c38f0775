#!/usr/bin/env bash
# What `dibs diff` takes: of two databases with 5,000 tables each, one of which has a column more, and of one of them and an
# empty one, so that 5,000 drops are planned, beside plain queries of the catalogs and pg_dump -s, measured in turns in
# the same run on a private server with PostgreSQL's default settings; then of 20 structs against a database that has
# their tables. Medians of whole processes, on the clock. The targets are for two databases beside the queries, and the
# dump, of one.
# usage: bench/diff.sh [--check] [--rounds N] [--tables N]
#
# --check   exit code 1 when a target is missed
# --rounds  5 without it
# --tables  in each of the two databases, 5,000 without it
# Builds in build-bench, which it keeps.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
check=
rounds=5
tables=5000
while [ $# -gt 0 ]; do
    case $1 in
    --check) check=1 && shift ;;
    --rounds) rounds=$2 && shift 2 ;;
    --tables) tables=$2 && shift 2 ;;
    *) echo "usage: bench/diff.sh [--check] [--rounds N] [--tables N]" >&2 && exit 2 ;;
    esac
done

source "$root/bench/lib.sh"
build_dibs bench_measure

project=$build/diff
mkdir -p "$project/schema"
{
    echo '#include <cstdint>'
    echo '#include <optional>'
    echo '#include <string>'
    echo '#include <dibs/schema.hpp>'
    for ((i = 0; i < 20; i++)); do
        cat <<END
struct T$i {
    std::int64_t id;
    std::string name;
    std::optional<std::string> note;
    std::int32_t quantity;
    bool active;
    std::int64_t next_id;
};
DIBS_TABLE(T$i, "t$i") {
    table.primary_key(&T$i::id);
    table.index(&T$i::name);
    table.default_to(&T$i::active, "true");
    table.foreign_key(&T$i::next_id).references(&T$i::id);
}
END
    done
} >"$project/schema/tables.cpp"
cat >"$project/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(bench_diff LANGUAGES CXX)
set(DIBS_BUILD_RUNNER OFF)
add_subdirectory("$root" dibs)
dibs_add_schema(DIRECTORY schema)
END
# shellcheck disable=SC2016 # dibs expands it
echo 'database: ${DATABASE_URL}' >"$project/dibs.yaml"
say "building 20 structs"
quietly cmake -S "$project" -B "$project/build" -G Ninja -DCMAKE_BUILD_TYPE=Release
quietly cmake --build "$project/build"

start_server
finish() {
    (cd "$project" && "$build/dibs" db stop) >/dev/null 2>&1 || true # the one on which the schema is tried
    stop_server
}
trap finish EXIT

say "making $tables tables in each of two databases"
for database in one other; do
    psql -c "CREATE DATABASE $database TEMPLATE template0" "$conninfo dbname=dibs"
    # 100 in a transaction: each takes locks, of which there is room for some thousand.
    psql "$conninfo dbname=$database" <<END_OF_SQL
CREATE PROCEDURE make_tables() LANGUAGE plpgsql AS \$\$
BEGIN
    FOR i IN 1..$tables LOOP
        EXECUTE format('CREATE TABLE t%1\$s (id bigint PRIMARY KEY, name text NOT NULL, email varchar(100), quantity '
            'integer DEFAULT 0, price numeric(10, 2), active boolean NOT NULL DEFAULT true, created_at timestamptz '
            'DEFAULT now(), note text, previous bigint, kind smallint)', i);
        EXECUTE format('CREATE INDEX ON t%s (email)', i);
        EXECUTE format('CREATE INDEX ON t%s (created_at, kind)', i);
        EXECUTE format('ALTER TABLE t%s ADD FOREIGN KEY (previous) REFERENCES t%s', i, greatest(i - 1, 1));
        IF i % 100 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END
\$\$;
CALL make_tables();
DROP PROCEDURE make_tables;
VACUUM ANALYZE;
END_OF_SQL
done
psql -c "ALTER TABLE t7 ADD COLUMN added text" "$conninfo dbname=other"
psql -c "CREATE DATABASE none TEMPLATE template0" "$conninfo dbname=dibs"

# What a reader of the catalogs cannot do without: the tables, columns, indexes and constraints, as text.
cat >"$build/catalogs.sql" <<'END'
SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, c.reloptions FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
    pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY a.attrelid, a.attnum;
SELECT i.indexrelid, i.indrelid, i.indisvalid, pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
SELECT c.oid, c.conrelid, c.conname, c.contype, c.convalidated, pg_get_constraintdef(c.oid) FROM pg_constraint c
    JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema';
END

rm -f "$build"/sample.diff.*
measure() { # NAME EXIT_CODE PROGRAM...: one sample more
    local name=$1 expected=$2 code=0
    shift 2
    (cd "$project" && "$build/bench/bench_measure" "$build/out.diff.$name" "$@") >>"$build/sample.diff.$name" 2>"$build/log" || code=$?
    if [ $code != "$expected" ]; then
        cat "$build/log" "$build/out.diff.$name" >&2
        exit 1
    fi
}

median() { # SAMPLE
    sort -g "$build/sample.diff.$1" | awk '{ value[NR] = $1 }
        END { printf "%.0f", (value[int((NR + 1) / 2)] + value[int(NR / 2) + 1]) / 2 }'
}
most_memory() { sort -g -k3,3 "$build/sample.diff.$1" | awk 'END { printf "%.0f", $3 }'; }

export DATABASE_URL="$conninfo dbname=one"
one="$conninfo dbname=one"
other="$conninfo dbname=other"
say "comparing them, $rounds times"
for ((round = 0; round < rounds; round++)); do
    for database in one other; do
        measure "catalogs_$database" 0 "$bin/psql" --no-psqlrc -qAt -f "$build/catalogs.sql" "$conninfo dbname=$database"
        measure "dump_$database" 0 "$bin/pg_dump" -s "$conninfo dbname=$database"
    done
    measure dibs 3 "$build/dibs" diff --exit-code --from "$one" --to "$other"
    grep -q 'added' "$build/out.diff.dibs" || { say "the difference was not found" && exit 1; }
    measure drops 3 "$build/dibs" diff --exit-code --from "$one" --to "$conninfo dbname=none"
done

say "20 structs, $((4 * rounds)) times"
psql -c "CREATE DATABASE small TEMPLATE template0" "$conninfo dbname=dibs"
export DATABASE_URL="$conninfo dbname=small"
(cd "$project" && "$build/dibs" diff --sql) >"$build/small.sql"
psql -f "$build/small.sql" "$DATABASE_URL"
for ((round = 0; round < 4 * rounds; round++)); do
    measure structs 0 "$build/dibs" diff --exit-code
done

missed=0
row() { # TEXT MILLISECONDS OF LIMIT; no limit: only told
    local verdict=
    if [ -n "${4:-}" ]; then
        verdict=$(awk -v value="$2" -v of="$3" -v limit="$4" 'BEGIN { print value <= of * limit ? "ok" : "MISSED" }')
        [ "$verdict" = ok ] || missed=1
        verdict="at most $4 x: $verdict"
    fi
    printf '%-52s %6s ms %6s x  %s\n' "$1" "$2" "$(awk "BEGIN { printf \"%.2f\", $2 / $3 }")" "$verdict"
}
catalogs=$(($(median catalogs_one) + $(median catalogs_other)))
dumps=$(($(median dump_one) + $(median dump_other)))
one_catalogs=$(median catalogs_one)
one_dump=$(median dump_one)
row "catalog queries of one, $tables tables" "$one_catalogs" "$one_catalogs"
row "pg_dump -s of one" "$one_dump" "$one_catalogs"
row "dibs diff --from --to, of the catalog queries of one" "$(median dibs)" "$one_catalogs" 2
row "  of the catalog queries of both" "$(median dibs)" $catalogs
row "  of pg_dump -s of one" "$(median dibs)" "$one_dump" 1
row "  of pg_dump -s of both" "$(median dibs)" $dumps
row "one against an empty one: all to drop, of catalogs" "$(median drops)" "$one_catalogs"
row "  of pg_dump -s" "$(median drops)" "$one_dump"
row "dibs diff of 20 structs, of 300 ms" "$(median structs)" 300 1
printf '%-52s %6s MiB\n' "largest process, $tables tables each" "$(most_memory dibs)"
[ -z "$check" ] || exit $missed
