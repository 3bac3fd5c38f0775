# What the benchmarks have in common, for `source`: after set -euo pipefail, with $root set.
build=$root/build-bench

say() { echo "$*" >&2; }

quietly() { # runs it; what it prints is shown when it fails
    if ! "$@" >"$build/log" 2>&1; then
        cat "$build/log" >&2
        exit 1
    fi
}

build_dibs() { # TARGET...: and the server's starter
    mkdir -p "$build"
    say "building dibs"
    quietly cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DDIBS_BUILD_TESTS=OFF -DDIBS_BUILD_EXAMPLES=OFF
    quietly cmake --build "$build" -j "$(nproc)" --target dibs bench_server "$@"
}

stop_server() {
    "$build/bench/bench_server" "$server" stop || true
    rm -rf "$server"
}

# A private server with PostgreSQL's default settings, until the script ends; sets bin, the folder of its programs, and
# conninfo.
start_server() {
    local variable
    for variable in "${!PG@}"; do
        unset "$variable"
    done
    server=$(mktemp -d)
    trap stop_server EXIT
    "$build/bench/bench_server" "$server" start >"$build/log"
    {
        read -r bin
        read -r conninfo
    } <"$build/log"
}

psql() { "$bin/psql" --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 "$@"; }
sql() { psql -c "$2" "$conninfo dbname=$1"; } # DATABASE SQL
