# Shared by the checks of this folder: the project's files.

set -euo pipefail
export LC_ALL=C

# The project's folder: the caller's, or this script's own.
enter_project() {
    cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../..}"
    [[ -f dibs.yaml && -d runner ]] || {
        echo "$PWD is not dibs's source folder" >&2
        exit 2
    }
}

# usage: project_files [FIND-TEST...]    without git, so that it works in an unpacked archive as well
project_files() {
    find . \( -path './build*' -o -path './examples/*/build' -o -name .git -o -name .dibs -o -name .cache \) -prune -o \
        -type f "$@" -print | sed 's|^\./||' |
        sort
}
