#!/usr/bin/env bash
# Every C++ file is as clang-format 14, Debian 12's, lays it out by .clang-format.
# usage: tests/lint/format.sh [--fix]      exit code 77: cannot tell, there is no clang-format 14
source "$(dirname "$0")/lib.sh"
enter_project

for program in clang-format-14 clang-format ''; do
    [[ -n $program ]] || {
        echo "skipped: there is no clang-format 14 (apt-get install clang-format); other versions lay out differently"
        exit 77
    }
    ! "$program" --version 2>/dev/null | grep -q 'version 14\.' || break
done

mapfile -t files < <(project_files \( -name '*.cpp' -o -name '*.hpp' \) -not -path './tests/sdk/mistakes/*')
((${#files[@]} > 50)) || {
    echo "only ${#files[@]} files found: this check does not see the project" >&2
    exit 1
}
if [[ ${1:-} = --fix ]]; then
    "$program" -i "${files[@]}"
    exit
fi
misplaced=$("$program" --dry-run "${files[@]}" 2>&1 | sed -n 's/:[0-9]*:[0-9]*: warning: .*//p' | sort | uniq -c)
if [[ -n $misplaced ]]; then
    echo "Not in the project's format (places, file); ./dev format mends it:"
    echo "$misplaced"
    exit 1
fi
echo "${#files[@]} files are in the project's format"
