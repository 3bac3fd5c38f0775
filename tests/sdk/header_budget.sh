#!/usr/bin/env bash
# <dibs/migration.hpp> stays cheap: 15,000 lines at most, and none of the costly standard headers.
source "$(dirname "$0")/lib.sh"

echo '#include <dibs/migration.hpp>' >all.cpp
lines=$("$compiler" -std=c++20 -E -P -I "$dibs/plugin-sdk/include" all.cpp | wc -l)
echo "$lines lines"
((lines > 1000)) || fail "nothing was preprocessed"
((lines <= 15000)) || fail "migration.hpp has $lines lines, 15000 are allowed"

"$compiler" -std=c++20 -M -I "$dibs/plugin-sdk/include" all.cpp | tr -s ' \\' '\n' >included
for header in string vector functional optional memory; do
    ! grep -E "/c\+\+/([0-9]+|v1)/$header\$" included || fail "migration.hpp includes <$header>"
done
! grep -E 'boost|libpq|/fmt/' included || fail "migration.hpp includes a library"
grep -qE '/string_view$' included || fail "the list of headers is not what it is taken for"
