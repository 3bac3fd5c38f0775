#!/usr/bin/env bash
# The check of the floors finds what it is for: each violation is planted in a copy of the sources.
here=$(cd "$(dirname "$0")" && pwd)
source "$here/lib.sh"
enter_project

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
project_files | tar -cf - -T - | tar -xf - -C "$copy"
cd "$copy"
"$here/floors.sh" "$copy" >/dev/null || {
    echo "the sources themselves break a rule: see floors.sh"
    exit 1
}

failed=0
# usage: planted FILE LINE SENTENCE    FILE with LINE added must be found by the rule SENTENCE
planted() {
    local existed=0 said code=0
    mkdir -p "$(dirname "$1")"
    [[ ! -f $1 ]] || { existed=1 && cp "$1" "$copy/before"; }
    printf '%s\n' "$2" >>"$1"
    said=$("$here/floors.sh" "$copy") || code=$?
    if [[ $code != 1 || $said != *"$3"*"$1:"* ]]; then
        printf 'not found (exit code %d): %s in %s\n%s\n' "$code" "$2" "$1" "$said"
        failed=1
    fi
    rm "$1"
    ((existed == 0)) || mv "$copy/before" "$1"
}

planted runner/report/up.cpp '#include "config/settings.hpp"' 'runner/report may not include this'
planted runner/report/sink.hpp '#  include <history/history.hpp>' 'runner/report may not include this'
planted runner/database/up.cpp '#include "plugin/version.hpp"' 'runner/database may not include this'
planted runner/plugin/loader.cpp '#include "history/history.hpp"' 'runner/plugin may not include this'
planted runner/history/down.cpp '#include "plugin/loader.hpp"' 'runner/history may not include this'
planted runner/worker/up.hpp '#include "migration/plan.hpp"' 'runner/worker may not include this'
planted runner/migration/up.cpp '#include "cli/command.hpp"' 'runner/migration may not include this'
planted runner/main.cpp '#include "worker/worker.hpp"' 'runner/main.cpp includes cli/ only'
planted plugin-sdk/include/dibs/abi.hpp '#include "report/failure.hpp"' 'plugin-sdk includes'
planted plugin-sdk/include/dibs/abi.hpp '#include <fmt/format.h>' 'plugin-sdk includes'
planted runner/history/history.hpp '#include <libpq-fe.h>' 'Only runner/database includes libpq'
planted tests/unit/plugin/a_test.cpp '#include <boost/dll/shared_library.hpp>' 'Only runner/plugin includes Boost.DLL'
planted runner/config/a.cpp '#include <boost/program_options.hpp>' 'Only runner/cli includes Boost.Program_options'
planted runner/cli/main.cpp '#include <dtl/dtl.hpp>' 'Only runner/report includes dtl'
planted runner/cli/main.cpp '#include <yaml-cpp/yaml.h>' 'Only runner/config includes yaml-cpp'
planted runner/cli/a.cpp 'const char* table = "_dibs_attempts";' 'Only runner/history names the tables'
planted runner/cli/a.cpp 'const char* sql = "SELECT 1 FROM public._dibs_migrations";' 'Only runner/history names the tables'
planted docs/a.md 'cd /wor''k/main' 'A path of one machine'
planted bench/run.sh 'ls /roo''t/x' 'A path of one machine'
planted Dockerfile "RUN curl deb.debian"".org" "a registry's host"
mkdir runner/util
planted runner/util/strings.hpp '#include "report/sink.hpp"' 'A folder that'
((failed == 0)) || exit 1
echo "every planted violation is found"
