#!/usr/bin/env bash
# Each test that docs/why.md names is there.
source "$(dirname "$0")/lib.sh"
enter_project "${1:-}"

# A name may be cut into several literals.
names_there=$(find tests -name '*_test.cpp' -print0 | xargs -0 cat | tr '\n' ' ' | sed 's/" *"//g' |
    grep -oE 'TEST_CASE\( *"[^"]+"' | sed -E 's/^TEST_CASE\( *"//; s/"$//')
named=0
found=0
while IFS= read -r name; do
    named=$((named + 1))
    if [[ $name = tests/*.sh ]]; then
        [[ -x $name ]] && continue
    elif grep -qxF -- "$name" <<<"$names_there"; then
        continue
    fi
    echo "docs/why.md names a test that is not there: $name"
    found=1
done < <(sed -nE 's/^\|.*\|.*\|(.*)\|$/\1/p' docs/why.md | grep -oE '`[^`]+`' | tr -d '`')
((named > 20)) || {
    echo "only $named names found: this check does not see the page"
    exit 1
}
((found == 0)) || exit 1
echo "all $named tests that docs/why.md names are there"
