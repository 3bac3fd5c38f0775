#!/usr/bin/env bash
# dibs_add_schema() makes one library of a folder's files, new ones too, and refuses wrong calls.
source "$(dirname "$0")/lib.sh"

mkdir schema
cat >schema/users.cpp <<'CPP'
#include <dibs/schema.hpp>

struct User {
    std::int64_t id;
};

DIBS_TABLE(User, "users") { table.primary_key(&User::id); }
CPP
sed 's/User/Team/g; s/users/teams/' schema/users.cpp >teams.cpp

is_schema() {
    [[ -f $1 ]] || fail "there is no $1"
    exported=$(nm -D --defined-only "$1" | awk '{ print $NF }' | sort | paste -sd' ')
    [[ $exported = dibs_describe_schema ]] || fail "$1 exports $exported"
    readelf -n "$1" | grep -q '^  dibs ' || fail "$1 has no note"
    objcopy --dump-section .note.dibs="$work/note" "$1" "$work/copy.so"
    grep -qaxF kind=schema "$work/note" || fail "$1 is no schema"
}
has_table() { grep -qaF "$2" "$1"; }

project <<<'add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wmissing-declarations -Werror)
dibs_add_schema(DIRECTORY schema)'
quietly configure
quietly build
is_schema build/schema.so
has_table build/schema.so users || fail "users is not in it"
cp teams.cpp schema/
quietly build
has_table build/schema.so teams || fail "a new file is not seen"
rm schema/users.cpp
quietly build
! has_table build/schema.so users || fail "a file that is gone is still in it"

project <<<'dibs_add_schema(DIRECTORY schema TARGET other OUTPUT out/my.so)'
quietly configure
quietly build build --target other
is_schema build/out/my.so

calls=(
    'dibs_add_schema()'
    'dibs_add_schema: DIRECTORY is missing, as in dibs_add_schema(DIRECTORY schema)'
    'dibs_add_schema(DIRECTORY schema OUTPUT_DIRECTORY out)'
    'unknown argument "OUTPUT_DIRECTORY"; it takes DIRECTORY, TARGET, OUTPUT,'
    'dibs_add_schema(DIRECTORY nowhere)'
    'nowhere is not a folder'
    'dibs_add_schema(DIRECTORY schema OUTPUT out)'
    'OUTPUT out is a file that ends in .so'
    'dibs_add_schema(DIRECTORY schema) dibs_add_schema(DIRECTORY schema TARGET b)'
    'a second call needs another OUTPUT'
    'dibs_add_schema(DIRECTORY schema) dibs_add_schema(DIRECTORY schema OUTPUT b.so)'
    'there is a target dibs_schema already'
)
for ((i = 0; i < ${#calls[@]}; i += 2)); do
    project <<<"${calls[i]//) dibs/)$'\n'dibs}"
    refused configure
    says "${calls[i + 1]}"
done
