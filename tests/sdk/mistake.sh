#!/usr/bin/env bash
# One file of mistakes/ did not build, and the compiler said what the file's last lines promise.
# usage: mistake.sh <source> <g++ or clang++> <folder of mistakes.sh>
set -euo pipefail
name=$(basename "$1" .cpp)

if grep -qx "$name" "$3/built"; then
    echo "$name.cpp was built"
    exit 1
fi
promised=$(sed -nE "s#^// (${2//+/\\+}|both): ##p" "$1")
[[ -n $promised ]] || { echo "$name.cpp promises nothing for $2"; exit 1; }
while IFS= read -r line; do
    grep -qF -- "$line" "$3/$name" || {
        echo "the compiler did not say: $line"
        echo "it said:"
        cat "$3/$name"
        exit 1
    }
done <<<"$promised"
