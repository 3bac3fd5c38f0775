#!/usr/bin/env bash
# README.md is true: what it says to type is typed, top to bottom, into one terminal that starts in a fresh copy of the
# sources, with an empty home folder. What README.md may hold:
#   ```console             every line that begins with "$ " is run, and must succeed; with "  # exits 3" at its end, it
#                          must exit with 3. The lines after it are among what it prints, in this order; a number
#                          stands for any number, "..." for anything.
#   <!-- file: PATH -->    the fenced block that follows is written to PATH; a pattern stands for the one file it fits.
#   <!-- shows: PATH -->   the fenced block that follows is that file, to the letter.
# usage: tests/readme/readme.sh [README.md]
language=${LC_ALL-}
source "$(dirname "$0")/../lint/lib.sh"
readme=$(realpath "${1:-$(dirname "$0")/../../README.md}")
enter_project

# Not below the build folder: PostgreSQL's own account must be able to enter.
work=$(mktemp -d /tmp/dibs-readme.XXXXXX)
chmod 755 "$work"
stop_servers() {
    local file pid
    while IFS= read -r file; do
        pid=$(head -n 1 "$file")
        kill -INT "$pid" || continue
        timeout 30 tail --pid="$pid" -f /dev/null
    done < <(find "$work" -name postmaster.pid)
}
trap 'stop_servers; rm -rf "$work"' EXIT

mkdir "$work/dibs" "$work/home"
project_files | tar -cf - -T - | tar -xf - -C "$work/dibs"
if command -v ccache >/dev/null; then
    # Another folder, the same sources: nothing has to be compiled twice.
    CCACHE_DIR=$(ccache --get-config cache_dir)
    export CCACHE_DIR CCACHE_BASEDIR=$work/dibs CCACHE_NOHASHDIR=1
fi
# The terminal speaks its user's language: ccache tells apart what was compiled in another one.
[[ -z $language ]] && unset LC_ALL || export LC_ALL=$language
unset "${!PG@}" DATABASE_URL DIBS_ENV CXX CXXFLAGS LDFLAGS CMAKE_GENERATOR
export HOME=$work/home
cd "$work/dibs"

number=0
fail() {
    printf 'README.md:%d: %s\n' "$number" "$*" >&2
    [[ ! -f $work/printed ]] || sed 's/^/  | /' "$work/printed" >&2
    exit 1
}

command='' expected=()
# Runs what was typed last, and looks for the lines that README.md shows.
finish_command() {
    [[ -n $command ]] || return 0
    local wanted=0 code=0 line
    if [[ $command =~ ^(.*[^[:space:]])[[:space:]]+'# exits '([0-9]+)$ ]]; then
        command=${BASH_REMATCH[1]} wanted=${BASH_REMATCH[2]}
    fi
    printf '$ %s\n' "$command"
    set +e +u +o pipefail
    eval "$command" >"$work/printed" 2>&1 </dev/null
    code=$?
    set -euo pipefail
    ((code == wanted)) || fail "exit code $code, not $wanted: $command"
    comparable <"$work/printed" >"$work/comparable"
    exec 3<"$work/comparable"
    for line in "${expected[@]}"; do
        line=$(comparable <<<"$line" | sed 's/[][*?\\]/\\&/g; s/\.\.\./*/g')
        while IFS= read -r -u 3 printed || fail "does not print, or not in this order: $line"; do
            # shellcheck disable=SC2053 # a pattern
            [[ $printed != $line ]] || break
        done
    done
    exec 3<&-
    command='' expected=()
}
comparable() { sed -E 's/[0-9]+/N/g; s/[[:space:]]+/ /g; s/ $//'; }

one_path() {
    local paths
    mapfile -t paths < <(compgen -G "$1" || echo "$1")
    ((${#paths[@]} == 1)) || fail "$1 fits ${#paths[@]} files"
    echo "${paths[0]}"
}

commands=0 kind='' purpose='' path=''
while IFS= read -r line <&4; do
    ((++number))
    case $kind:$line in
    :'<!-- file: '*' -->' | :'<!-- shows: '*' -->')
        purpose=${line#<!-- } && purpose=${purpose%%:*}
        path=${line#*: } && path=${path% -->}
        ;;
    :'```console') kind=console ;;
    :'```sh' | :'```bash' | :'```shell') fail "a block of commands is \`\`\`console, so that it is run" ;;
    :'```'*)
        kind=text
        : >"$work/block"
        ;;
    console:'```')
        finish_command
        kind=''
        ;;
    text:'```')
        path=${path:+$(one_path "$path")}
        [[ $purpose != file ]] || cp "$work/block" "$path"
        [[ $purpose != shows ]] || diff "$path" "$work/block" >"$work/printed" || fail "is not what stands in $path"
        kind='' purpose='' path=''
        ;;
    console:'$ '*)
        finish_command
        command=${line#??}
        ((++commands))
        ;;
    console:*)
        if [[ $command = *\\ ]]; then
            command+=$'\n'$line
        elif [[ -n ${line//[[:space:].]/} ]]; then
            expected+=("$line")
        fi
        ;;
    text:*) printf '%s\n' "$line" >>"$work/block" ;;
    esac
done 4<"$readme"
[[ -z $kind ]] || fail "a block has no end"
((commands > 5)) || fail "only $commands commands found: this test does not read README.md rightly"
echo "$commands commands did what README.md says"
