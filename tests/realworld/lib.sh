# What compare.sh and steps.sh have in common; they source it, with their arguments.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

[ $# -ge 1 ] || fail "the folder is missing; see the beginning of $0"
folder=$1
shift
setup=
replace=()

need_folder() {
    [ -d "$folder" ] && return
    echo "skipped: there is no folder $folder (give another with -DDIBS_REALWORLD_DIR=...)"
    exit 77
}

# Of one file, byte by byte, with what is to be replaced: --replace TEXT WITH ...
replaced() { # FILE
    local text i
    text=$(cat "$1" && echo .) # the point keeps the newlines at the end
    for ((i = 0; i < ${#replace[@]}; i += 3)); do
        text=${text//"${replace[i + 1]}"/"${replace[i + 2]}"}
    done
    printf %s "${text%.}"
}
