#!/usr/bin/env bash
# Compiles every file in schema_mistakes/, and keeps what the compiler said of each for mistake.sh.
# usage: schema_mistakes.sh <dibs source folder> <compiler> <folder for what it said>
said=$3
set -- "$1" "$2"
source "$(dirname "$0")/lib.sh"

rm -rf "$said"
mkdir -p "$said"
: >"$said/built"
for source in "$dibs"/tests/sdk/schema_mistakes/*.cpp; do
    name=$(basename "$source" .cpp)
    if "$compiler" -std=c++20 -fsyntax-only -I "$dibs/plugin-sdk/include" "$source" >"$said/$name" 2>&1; then
        echo "$name" >>"$said/built"
    fi
done
