#!/usr/bin/env bash
# What the headers read off structs and enums is right, on this compiler, and a member of an embedded struct is taken wherever a member is.
source "$(dirname "$0")/lib.sh"

flags=(-std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -I "$dibs/plugin-sdk/include")
quietly "$compiler" "${flags[@]}" "$dibs/tests/sdk/structs/members.cpp" -o members
./members || fail "check number $? of members.cpp"
quietly "$compiler" "${flags[@]}" -fsyntax-only "$dibs/tests/sdk/structs/embedded.cpp"

# Each header stands alone.
for header in "$dibs"/plugin-sdk/include/dibs/*.hpp; do
    echo "#include <dibs/$(basename "$header")>" >alone.cpp
    quietly "$compiler" "${flags[@]}" -fsyntax-only alone.cpp
done
