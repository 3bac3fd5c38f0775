#!/usr/bin/env bash
# Who may include whom (docs/design.md, "The tree"): what the compiler does not check.
# usage: tests/lint/floors.sh [FOLDER]     FOLDER: dibs's source folder; default: the one this script is in
source "$(dirname "$0")/lib.sh"
enter_project "${1:-}"

# A folder of runner/, and what of runner/ it may include, a folder or a single header. A folder stands only on those
# above it in this list: there can be no circle.
floors='
packaging:
report:
process:    report
config:     report
database:   report
plugin:     report config database process
history:    report config database process plugin/version.hpp plugin/checksum.hpp
embedded:   report config database process
schema:     report config database process
declared:   report schema/sql/quote.hpp
scratch:    report config database process embedded schema
worker:     report config database process plugin
migration:  report config database process plugin history embedded schema declared worker
rehearsal:  report config database process plugin history embedded schema declared worker migration
cli:        report config database process plugin history embedded schema declared scratch worker migration rehearsal
'

found=0
# usage: rule SENTENCE < <(lines "file:line:text" that break it)
rule() {
    local lines
    lines=$(cat)
    if [[ -n $lines ]]; then
        printf '%s:\n%s\n\n' "$1" "$lines" | cut -c1-200
        found=1
    fi
}

# usage: includes REGEX [PATH...]    the lines that include what begins so
includes() {
    grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($1)" "${sources[@]}" | within "${@:2}"
}

within() { grep -E "^($(paths "$@"))" || true; }
outside() { grep -vE "^($(paths "$@"))" || true; }
paths() { (IFS='|' && echo "$*"); }

mapfile -t files < <(project_files)
mapfile -t sources < <(printf '%s\n' "${files[@]}" | grep -E '\.(cpp|hpp)$')
((${#sources[@]} > 50)) || {
    echo "only ${#sources[@]} files found: this check does not see the project" >&2
    exit 1
}

folders=$(find runner -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)
for folder in $folders; do
    known=$(sed -n "s/^$folder://p" <<<"$floors")
    rule "A folder that tests/lint/floors.sh does not know" < <(grep -q "^$folder:" <<<"$floors" || echo "runner/$folder")
    allowed=$folder/
    for name in $known; do
        [[ $name = *.hpp ]] && allowed+="|$name\"" || allowed+="|$name/"
    done
    rule "runner/$folder may not include this; it may: $folder$known" < <(
        includes "$(paths $folders)/" "runner/$folder/" | grep -vE "[<\"]($allowed)")
done
rule "runner/main.cpp includes cli/ only" < <(includes '.*/' runner/main.cpp | grep -v '"cli/')
rule "plugin-sdk includes <dibs/...> and standard headers only" < <(
    includes '' plugin-sdk/ | grep -vE '<(dibs/[a-z_]+\.hpp|[a-z_]+)>')
rule "Only runner/database includes libpq" < <(
    includes '(postgresql/)?(libpq|postgres_ext|pg_config|internal/)' | outside runner/database/ bench/)
rule "Only runner/plugin includes Boost.DLL" < <(includes 'boost/dll' | outside runner/plugin/)
rule "Only runner/cli includes Boost.Program_options" < <(includes 'boost/program_options' | outside runner/cli/)
rule "Only runner/report includes dtl" < <(includes 'dtl/' | outside runner/report/)
rule "Only runner/config includes yaml-cpp" < <(includes 'yaml-cpp' | outside runner/config/)
rule "Only runner/history names the tables _dibs_*" < <(
    printf '%s\n' "${sources[@]}" | within runner/ | outside runner/history/ | xargs -d '\n' grep -nE '"[^"]*\b_dibs_' |
        grep -vE '^[^:]*:[0-9]+: *//')
# The brackets keep these lines from finding themselves.
rule "A path of one machine, or a registry's host" < <(
    grep -nIE '(^|[^A-Za-z0-9_.])/(work|farm)/|/roo[t]/|/tmp/w[t]/|registry\.npm[j]s|deb\.debian\.o[r]g' "${files[@]}")

((found == 0)) || exit 1
echo "no folder of runner/ reaches up; libpq, Boost and yaml-cpp are where they belong"
